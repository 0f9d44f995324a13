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
	closing   bool // nothing is accepted, and no more exchanges after those in progress
	sealed    bool // not even what had been accepted before is begun
	broken    bool // not even lingering
	listeners map[net.Listener]struct{}
	conns     map[*leanConn]struct{}
	outside   map[net.Conn]phase // connections that are in no exchange, nor wait for one
	late      int                // conns that have begun since closing, and had no exchange yet
	greeted   chan struct{}      // closed when no handshake and no late one is left, if somebody waits for that
	empty     chan struct{}      // closed when sealed and no connection is left

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
			if f.goOutside(nc, handshaking) { // before a Shutdown can look for it
				go f.greet(nc)
			} else {
				_ = nc.Close()
			}
		} else if c := f.begin(nc); c != nil {
			go c.serve()
		}
	}
}

// begin returns the connection that is to be served; nil, and nc is closed, if the front
// has ended.
func (f *lean) begin(nc net.Conn) *leanConn {
	c := newLeanConn(f, nc)
	if !f.add(c) {
		_ = nc.Close()
		return nil
	}
	return c
}

func (f *lean) isClosing() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closing
}

func (f *lean) add(c *leanConn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.sealed {
		return false
	}
	f.conns[c] = struct{}{}
	if c.late = f.closing; c.late {
		f.late++
	}
	return true
}

// remove forgets a connection, which may be closed only afterwards: the watchdog
// looks at the descriptors of those that are known.
func (f *lean) remove(c *leanConn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, c)
	f.inTime(c)
	f.checkEmpty()
}

// inTime notes that a connection need not be waited for any more.
func (f *lean) inTime(c *leanConn) {
	if c.late {
		c.late = false
		f.late--
		f.tellGreeted()
	}
}

func (f *lean) checkEmpty() {
	if f.sealed && len(f.conns) == 0 {
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
}

// seal lets no connection begin that was accepted before stop, and calls each for every
// one that has begun since.
func (f *lean) seal(each func(*leanConn)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sealed = true
	for c := range f.conns {
		each(c)
	}
	f.checkEmpty()
}

// Shutdown lets the exchanges in progress come to their end, and the handshakes.
func (f *lean) Shutdown(ctx context.Context) error {
	f.stop((*leanConn).endWhenIdle)
	f.untilGreeted(ctx)
	f.seal((*leanConn).endWhenIdle)
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

// CloseIdle asks the goroutine of each connection that seems idle: only that one knows
// what it has read.
func (f *lean) CloseIdle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.askIdle()
	}
}

// Close breaks every connection. For handlers in progress their client has gone.
func (f *lean) Close() error {
	f.stop((*leanConn).breakOff)
	f.seal((*leanConn).breakOff)
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
