//go:build !windows

package httpsys

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const leanHere = true

// lean is the HTTP/1.1 front without net/http.
type lean struct {
	o     Options
	own   []byte // Options.Fields as they are written
	stamp atomic.Pointer[stamp]

	mu        sync.Mutex
	closing   bool // no more exchanges after those in progress
	listeners map[net.Listener]struct{}
	conns     map[*leanConn]struct{}
	empty     chan struct{} // closed when closing and no connection is left

	watch watchdog
}

// stamp is the Date field of one second.
type stamp struct {
	second int64
	line   []byte
}

func newLean(o Options) *lean {
	f := &lean{
		o:         o,
		listeners: make(map[net.Listener]struct{}),
		conns:     make(map[*leanConn]struct{}),
		empty:     make(chan struct{}),
	}
	for i := range o.Fields {
		f.own = appendField(f.own, &o.Fields[i])
	}
	f.watch.front, f.watch.each, f.watch.any = f, f.watch.run, f.anyBusy
	return f
}

func (f *lean) Kind() string { return Lean }

// Serve accepts connections, each of which gets a goroutine of its own.
func (f *lean) Serve(l net.Listener) error {
	defer l.Close()
	f.mu.Lock()
	if f.closing {
		f.mu.Unlock()
		return ErrClosed
	}
	f.listeners[l] = struct{}{}
	f.mu.Unlock()
	for {
		nc, err := l.Accept()
		if err != nil {
			if f.isClosing() {
				return ErrClosed
			}
			var t interface{ Temporary() bool }
			if errors.As(err, &t) && t.Temporary() {
				time.Sleep(5 * time.Millisecond) // out of descriptors: no event tells when there are some
				continue
			}
			return fmt.Errorf("front lean: %w", err)
		}
		c := newLeanConn(f, nc)
		if !f.add(c) {
			_ = nc.Close()
			continue
		}
		go c.serve()
	}
}

func (f *lean) isClosing() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closing
}

func (f *lean) add(c *leanConn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing {
		return false
	}
	f.conns[c] = struct{}{}
	return true
}

// remove forgets a connection, which may be closed only afterwards: the watchdog
// looks at the descriptors of those that are known.
func (f *lean) remove(c *leanConn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, c)
	f.checkEmpty()
}

func (f *lean) checkEmpty() {
	if f.closing && len(f.conns) == 0 {
		select {
		case <-f.empty:
		default:
			close(f.empty)
		}
	}
}

// stop closes the listeners, and calls each for every connection.
func (f *lean) stop(each func(*leanConn)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closing = true
	for l := range f.listeners {
		_ = l.Close()
		delete(f.listeners, l)
	}
	for c := range f.conns {
		each(c)
	}
	f.checkEmpty()
}

// Shutdown lets the exchanges in progress come to their end.
func (f *lean) Shutdown(ctx context.Context) error {
	f.stop((*leanConn).endWhenIdle)
	select {
	case <-f.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close breaks every connection; handlers in progress hear that their client has
// gone.
func (f *lean) Close() error {
	f.stop((*leanConn).breakOff)
	return nil
}

func (f *lean) anyBusy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.mu.Lock()
		busy := c.busy != 0
		c.mu.Unlock()
		if busy {
			return true
		}
	}
	return false
}

// date is the Date line of the second in which now lies.
func (f *lean) date(now time.Time) []byte {
	s := f.stamp.Load()
	if second := now.Unix(); s == nil || s.second != second {
		line := append([]byte(nil), "Date: "...)
		line = now.UTC().AppendFormat(line, "Mon, 02 Jan 2006 15:04:05 GMT")
		s = &stamp{second: second, line: append(line, '\r', '\n')}
		f.stamp.Store(s)
	}
	return s.line
}
