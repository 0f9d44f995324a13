package models

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys"
)

// gate stands in front of everything else in a worker. It counts the requests in flight
// and knows the connections, so that a worker can end without dropping a request: it
// closes a connection after an answer that says so, or after nothing has come on it for
// a while, and never during a request.
type gate struct {
	mode     atomic.Int32
	inFlight atomic.Int64
	warned   atomic.Int64 // of inFlight those whose answer ends their connection
	last     atomic.Int64 // Unix nanoseconds: when the mode changed, or a request began or ended since
	conns    atomic.Int64

	mu    sync.Mutex
	known map[*gateTCPConn]struct{} // the connections, as far as they can be looked at
}

// Modes of a gate.
const (
	gateOpen    = iota
	gateLeaving // requests are answered, and their connections closed
	gateRefuses // requests get 503, and their connections are closed
)

var errStopping = errors.New("the site is stopping")

// set changes the mode. The mode never goes back.
func (g *gate) set(mode int32) {
	g.mode.Store(mode)
	g.touch()
}

func (g *gate) touch() { g.last.Store(time.Now().UnixNano()) }

// quiet reports whether no request has begun or ended for a while. Call it only after
// the gate has left its open mode.
func (g *gate) quiet(length time.Duration) bool {
	return time.Now().UnixNano()-g.last.Load() >= int64(length)
}

// unread reports whether a client has sent something that was not read yet: it may be a
// request whose goroutine has not run yet.
func (g *gate) unread() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.known {
		if readable(c.TCPConn) {
			return true
		}
	}
	return false
}

// left reports whether the client of every open connection has been told that it ends.
func (g *gate) left() bool { return g.conns.Load() <= g.warned.Load() }

// begin counts a request, and returns the mode that holds for it.
func (g *gate) begin() int32 {
	g.inFlight.Add(1) // before the mode is read: who changes it waits for what is counted
	mode := g.mode.Load()
	if mode != gateOpen {
		g.warned.Add(1)
		g.touch()
	}
	return mode
}

func (g *gate) end(mode int32) {
	if mode != gateOpen {
		g.warned.Add(-1)
	}
	if g.mode.Load() != gateOpen {
		g.touch()
	}
	g.inFlight.Add(-1)
}

// exchanges puts the gate in front of a handler of exchanges.
func (g *gate) exchanges(next httpsys.Handler) httpsys.Handler {
	return httpsys.HandlerFunc(func(x *httpsys.Exchange) {
		mode := g.begin()
		defer g.end(mode)
		switch mode {
		case gateLeaving:
			x.CloseAfter()
		case gateRefuses:
			x.CloseAfter()
			x.Error(http.StatusServiceUnavailable, 0, "", nil, errStopping)
			return
		}
		next.ServeExchange(x)
	})
}

// requests puts the gate in front of an app that net/http serves.
func (g *gate) requests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mode := g.begin()
		defer g.end(mode)
		if mode != gateOpen {
			w.Header().Set("Connection", "close")
		}
		if mode == gateRefuses {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// listener counts the connections that l accepts.
func (g *gate) listener(l net.Listener) net.Listener { return &gateListener{Listener: l, gate: g} }

type gateListener struct {
	net.Listener
	gate *gate
}

func (l *gateListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.gate.conns.Add(1)
	if tcp, ok := c.(*net.TCPConn); ok { // what is below looks for what it can do
		return l.gate.know(tcp), nil
	}
	return &gateConn{Conn: c, gate: l.gate}, nil
}

func (g *gate) know(tcp *net.TCPConn) *gateTCPConn {
	c := &gateTCPConn{TCPConn: tcp, gate: g}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known == nil {
		g.known = map[*gateTCPConn]struct{}{}
	}
	g.known[c] = struct{}{}
	return c
}

type gateTCPConn struct {
	*net.TCPConn
	gate *gate
}

func (c *gateTCPConn) Close() error {
	c.gate.mu.Lock()
	if _, open := c.gate.known[c]; open {
		delete(c.gate.known, c)
		c.gate.conns.Add(-1)
	}
	c.gate.mu.Unlock()
	return c.TCPConn.Close()
}

type gateConn struct {
	net.Conn
	gate *gate
	once sync.Once
}

func (c *gateConn) Close() error {
	c.once.Do(func() { c.gate.conns.Add(-1) })
	return c.Conn.Close()
}
