package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrClosed is the error of a Call when the other side is gone.
var ErrClosed = errors.New("control channel closed: the process at its other end is gone")

type request struct {
	ID   uint64          `json:"id"`
	Op   string          `json:"op"`
	Body json.RawMessage `json:"body,omitempty"`
}

type reply struct {
	ID    uint64          `json:"id"`
	Error string          `json:"error,omitempty"`
	Body  json.RawMessage `json:"body,omitempty"`
}

// RemoteError is an error that the other side has returned.
type RemoteError struct{ Text string }

func (e *RemoteError) Error() string { return e.Text }

// Caller is the asking side. It is safe for concurrent use; answers may come in
// any order.
type Caller struct {
	conn    io.ReadWriteCloser
	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan reply
	closed  bool
	gone    chan struct{}
}

// NewCaller returns a Caller on conn, which it owns from now on.
func NewCaller(conn io.ReadWriteCloser) *Caller {
	c := &Caller{conn: conn, waiting: map[uint64]chan reply{}, gone: make(chan struct{})}
	go c.read()
	return c
}

// Gone returns a channel that is closed when the other side has closed its end.
func (c *Caller) Gone() <-chan struct{} { return c.gone }

// Close closes this end; the other side sees end of file.
func (c *Caller) Close() error { return c.conn.Close() }

func (c *Caller) read() {
	dec := json.NewDecoder(c.conn)
	for {
		var r reply
		if err := dec.Decode(&r); err != nil {
			break
		}
		c.mu.Lock()
		ch := c.waiting[r.ID]
		delete(c.waiting, r.ID)
		c.mu.Unlock()
		if ch != nil {
			ch <- r
		}
	}
	c.mu.Lock()
	c.closed = true
	for id, ch := range c.waiting {
		delete(c.waiting, id)
		close(ch)
	}
	c.mu.Unlock()
	close(c.gone)
}

// Call asks for op with in as its body and reads the answer into out; either
// may be nil. The error is ErrClosed when the other side is gone, a
// *RemoteError when it refused, or ctx's.
func (c *Caller) Call(ctx context.Context, op string, in, out any) error {
	var body json.RawMessage
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("control %s: %w", op, err)
		}
		body = b
	}
	ch, err := c.send(op, body)
	if err != nil {
		return err
	}
	select {
	case r, ok := <-ch:
		switch {
		case !ok:
			return ErrClosed
		case r.Error != "":
			return &RemoteError{Text: r.Error}
		case out == nil:
			return nil
		}
		if err := json.Unmarshal(r.Body, out); err != nil {
			return fmt.Errorf("control %s: answer: %w", op, err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Caller) send(op string, body json.RawMessage) (chan reply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrClosed
	}
	c.next++
	line, err := json.Marshal(request{ID: c.next, Op: op, Body: body})
	if err != nil {
		return nil, fmt.Errorf("control %s: %w", op, err)
	}
	ch := make(chan reply, 1)
	c.waiting[c.next] = ch
	if _, err := c.conn.Write(append(line, '\n')); err != nil {
		delete(c.waiting, c.next)
		return nil, ErrClosed
	}
	return ch, nil
}

// Handler answers one question. The answer is marshalled as JSON; nil is none.
type Handler func(ctx context.Context, op string, body json.RawMessage) (any, error)

// Serve answers the questions on conn, each on a goroutine of its own, until conn ends.
// Then it cancels the context of questions that are still being answered, and waits for
// them. It returns nil at end of file, else the error of conn.
func Serve(ctx context.Context, conn io.ReadWriter, handle Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	var mu sync.Mutex // one reply at a time on the wire
	dec := json.NewDecoder(bufio.NewReader(conn))
	for {
		var q request
		if err := dec.Decode(&q); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("control channel: %w", err)
		}
		wg.Go(func() {
			r := answer(ctx, q, handle)
			line, err := json.Marshal(r)
			if err != nil {
				return // a reply holds only strings and checked JSON
			}
			mu.Lock()
			defer mu.Unlock()
			_, _ = conn.Write(append(line, '\n')) // an asker that is gone needs no answer
		})
	}
}

func answer(ctx context.Context, q request, handle Handler) reply {
	r := reply{ID: q.ID}
	out, err := handle(ctx, q.Op, q.Body)
	if err == nil && out != nil {
		r.Body, err = json.Marshal(out)
	}
	if err != nil {
		r.Body = nil
		if r.Error = err.Error(); r.Error == "" {
			r.Error = "unnamed failure"
		}
	}
	return r
}
