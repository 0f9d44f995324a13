//go:build !windows

package httpsys

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const leanHere = true

// lean is the front that speaks HTTP/1.1 without net/http, over TLS too. Connections
// on which a client speaks HTTP/2 are handed to h2.
type lean struct {
	o     Options
	own   []byte // Options.Fields as they are written
	stamp atomic.Pointer[stamp]
	tls   *tls.Config // nil without TLS
	h2    *handedOver // nil where no client may speak HTTP/2

	mu        sync.Mutex
	closing   bool // no more exchanges after those in progress
	broken    bool // not even lingering
	listeners map[net.Listener]struct{}
	conns     map[*leanConn]struct{}
	outside   map[net.Conn]phase // connections that are in no exchange, nor wait for one
	empty     chan struct{}      // closed when closing and no connection is left

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
		outside:   make(map[net.Conn]phase),
		empty:     make(chan struct{}),
	}
	if o.TLSConfig != nil || o.H2C {
		f.speakHTTP2()
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
	if f.h2 != nil {
		f.h2.start()
	}
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
		if f.tls != nil {
			go f.greet(nc)
		} else {
			f.begin(nc, true)
		}
	}
}

// begin serves a connection, on a goroutine of its own if so asked.
func (f *lean) begin(nc net.Conn, apart bool) {
	c := newLeanConn(f, nc)
	switch {
	case !f.add(c):
		_ = nc.Close()
	case apart:
		go c.serve()
	default:
		c.serve()
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
	f.leaveOutside(handshaking)
	var h2 error
	if f.h2 != nil {
		h2 = f.h2.Shutdown(ctx)
	}
	select {
	case <-f.empty:
		return h2
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close breaks every connection. For handlers in progress their client has gone.
func (f *lean) Close() error {
	f.stop((*leanConn).breakOff)
	f.leaveOutside(handshaking, lingering)
	if f.h2 != nil {
		return f.h2.breakOff()
	}
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

// date returns the Date line of the second in which now lies.
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
