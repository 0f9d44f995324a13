package models

import (
	"context"
	"sync"
	"time"
)

// outbox holds what a process has to say to the one that started it, which asks
// for one thing at a time.
type outbox[T any] struct {
	mu      sync.Mutex
	queue   []T
	asked   int           // how many wait in next
	changed chan struct{} // closed and replaced when one of these changes
}

// most bounds a queue that nobody asks for: what is older falls out.
const outboxMost = 1000

func newOutbox[T any]() *outbox[T] { return &outbox[T]{changed: make(chan struct{})} }

func (o *outbox[T]) put(v T) {
	o.change(func() {
		o.queue = append(o.queue, v)
		if over := len(o.queue) - outboxMost; over > 0 {
			o.queue = o.queue[over:]
		}
	})
}

func (o *outbox[T]) change(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
	close(o.changed)
	o.changed = make(chan struct{})
}

// next waits for something to say.
func (o *outbox[T]) next(ctx context.Context) (v T, err error) {
	o.change(func() { o.asked++ })
	defer o.change(func() { o.asked-- })
	for {
		o.mu.Lock()
		if len(o.queue) > 0 {
			v, o.queue = o.queue[0], o.queue[1:]
			o.mu.Unlock()
			return v, nil
		}
		changed := o.changed
		o.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return v, ctx.Err()
		}
	}
}

// flush waits until all was said, and heard: whoever asks again has heard the
// last answer. One that has stopped asking is waited for only so long.
func (o *outbox[T]) flush(patience time.Duration) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		o.mu.Lock()
		done, changed := len(o.queue) == 0 && o.asked > 0, o.changed
		o.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-late.C:
			return
		}
	}
}
