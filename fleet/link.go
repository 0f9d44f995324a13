package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/nats-io/nats.go"
)

// link is one peer's end of the bus: it sends calls and gets their answers, and answers
// the calls of others.
type link struct {
	nc *nats.Conn
	me string // the id in From
	// answer carries out a call of another peer. It runs on a goroutine of its own.
	answer func(ctx context.Context, m message) (any, error)
	// hear gets every other message, and calls that must be answered without a delay,
	// on the goroutine that receives; it reports whether it took the message.
	hear func(m message) bool
	// faulty gets the error of every frame and message that cannot be read.
	faulty func(error)

	ctx    context.Context // of the answers; ends with the link
	cancel context.CancelCauseFunc
	work   sync.WaitGroup

	mu    sync.Mutex
	calls map[uint64]chan message
	subs  []*nats.Subscription
	ended bool
}

// errLinkEnded is the cause of the calls that are open when a link ends.
var errLinkEnded = errors.New("the connection to the coordinator has ended")

// listen begins to receive what is sent to the subjects.
func (l *link) listen(subjects ...string) error {
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	l.calls = map[uint64]chan message{}
	for _, subject := range subjects {
		frames := &assembler{} // of one subscription, whose callback is never concurrent
		sub, err := l.nc.Subscribe(subject, func(m *nats.Msg) { l.receive(frames, m.Data) })
		if err != nil {
			return fmt.Errorf("subscribing to %s: %w", subject, err)
		}
		// Many agents may tell their results at once.
		if err := sub.SetPendingLimits(-1, 2*roomMost); err != nil {
			return fmt.Errorf("subscribing to %s: %w", subject, err)
		}
		l.subs = append(l.subs, sub)
	}
	if err := l.nc.Flush(); err != nil {
		return err
	}
	// A server that does not allow it has said so before it answered the flush.
	if err := l.nc.LastError(); errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	return nil
}

func (l *link) receive(frames *assembler, frame []byte) {
	data, err := frames.add(frame)
	if err != nil {
		l.faulty(err)
		return
	}
	if data == nil {
		return
	}
	var m message
	if err := decode(data, &m); err != nil {
		l.faulty(err)
		return
	}
	if m.Op == "" {
		l.mu.Lock()
		waiting := l.calls[m.Call]
		delete(l.calls, m.Call)
		l.mu.Unlock()
		if waiting != nil {
			waiting <- m // has room for one
		}
		return
	}
	if l.hear(m) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.work.Go(func() {
		body, err := l.answer(l.ctx, m)
		if err := l.reply(m, body, err); err != nil { // too long, or no JSON: who asked would wait for ever
			_ = l.reply(m, nil, fmt.Errorf("%s: the answer cannot be sent: %w", m.Op, err)) // else the link is ending
		}
	})
}

// reply answers a call.
func (l *link) reply(m message, body any, err error) error {
	to := toAgent + m.From
	if l.me != coordinatorID {
		to = toCoordinator
	}
	return l.send(to, message{Call: m.Call, Fault: faultOf(err)}, body)
}

// send sends a message. It does not wait for an answer.
func (l *link) send(to string, m message, body any) error {
	m.From = l.me
	if body != nil {
		var err error
		if m.Body, err = json.Marshal(body); err != nil {
			return err
		}
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	frames, err := split(data)
	if err != nil {
		return err
	}
	for _, f := range frames {
		if err := l.nc.Publish(to, f); err != nil {
			return err
		}
	}
	return nil
}

// call asks a peer and waits for its answer, which it puts into out if that is not nil. It
// fails if the peer does, or when ctx or the link ends.
func (l *link) call(ctx context.Context, to, op string, in, out any) error {
	got := make(chan message, 1)
	number := rand.Uint64() // so that no other agent can guess it and answer in this one's place
	l.mu.Lock()
	l.calls[number] = got
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.calls, number)
		l.mu.Unlock()
	}()
	if err := l.send(to, message{Op: op, Call: number}, in); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	select {
	case m := <-got:
		if err := m.Fault.err(); err != nil || out == nil {
			return err
		}
		return decode(m.Body, out)
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	}
}

// end ends the link: open calls fail, and the answers that are being made are cancelled and
// waited for.
func (l *link) end(cause error) {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.cancel(cause)
	for _, s := range l.subs {
		_ = s.Unsubscribe() // fails only if the connection is closed
	}
	l.work.Wait()
	_ = l.nc.FlushTimeout(flushMost) // so that the last answers leave; fails only if nobody is there
	l.nc.Close()
}
