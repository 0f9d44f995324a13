package models

import (
	"context"
	"sync"
	"time"
)

// outbox holds the messages of a process to the one that started it, which fetches one
// at a time.
type outbox[T any] struct {
	mu      sync.Mutex
	queue   []T
	asked   int           // how many wait in next
	changed chan struct{} // closed and replaced when one of these changes
}

// most bounds a queue that nobody fetches from. The oldest messages are dropped.
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

// next waits for a message and returns it. It fails when ctx ends.
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

// flush waits, within a limit, until all messages were fetched and received: a reader
// that asks again has received the last answer.
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
