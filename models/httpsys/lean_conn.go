//go:build !windows

package httpsys

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys/http1"
	"ancmbench/models/httpsys/rawio"
)

// Sizes of a connection's buffers, in bytes. They grow with what is sent and
// shrink again after an exchange.
const (
	leanRead  = 4 << 10
	leanWrite = 4 << 10
	leanKeep  = 32 << 10 // larger buffers are given back
)

// leanConn is one client connection. Its goroutine reads a head, calls the
// handler, writes what is left of the response, and starts again.
type leanConn struct {
	front  *lean
	conn   rawio.Conn
	fd     int // of the socket, under TLS too; -1 if the watchdog cannot look at it
	client []byte
	local  net.Addr
	tls    *tls.ConnectionState // nil on a plain connection
	first  bool                 // no request was read yet

	x   Exchange
	req http1.Request

	in   []byte // in[r:w] was read and not used
	r, w int
	leanBody
	late   bool        // see lean.late
	ending atomic.Bool // no further exchange; set under mu
	asks   bool        // the wait for a request was stopped: it ends if nothing has come; under mu
	asked  atomic.Bool // 100 was sent, or will not be
	sendMu sync.Mutex  // between the response and that 100

	out []byte // what is not yet sent
	leanResponse

	mu       sync.Mutex
	busy     uint32 // the watchdog's period in which the exchange began; 0 is idle
	draining bool   // the response is out, and the rest of the body is waited for
	gone     bool   // the client has closed
	watcher  Gone
}

func newLeanConn(f *lean, nc net.Conn) *leanConn {
	c := &leanConn{front: f, in: make([]byte, leanRead), out: make([]byte, 0, leanWrite), local: nc.LocalAddr(), first: true}
	c.conn.Init(nc)
	c.conn.SetWritePatience(f.o.IdleTimeout)
	c.fd = rawio.FD(socketOf(nc))
	if t, ok := nc.(*tls.Conn); ok {
		state := t.ConnectionState()
		c.tls = &state
	}
	if a, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		p := a.AddrPort()
		c.client = netip.AddrPortFrom(p.Addr().Unmap(), p.Port()).AppendTo(nil)
	}
	c.x.native = c
	return c
}

func (c *leanConn) serve() {
	defer c.leave()
	for {
		end, err := c.readHead()
		if err != nil {
			c.refuse(err)
			return
		}
		if c.first && c.front.o.H2C && isPreface(c.in[c.r:end]) {
			c.handOver()
			return
		}
		c.first = false
		if !c.exchange(end) {
			return
		}
	}
}

// leave closes the connection, unless it was taken over.
func (c *leanConn) leave() {
	switch {
	case c.hijacked && !c.aborted:
		return
	case c.hijacked: // its handler has panicked, and nobody else knows of it
		_ = c.taken.Close()
		return
	}
	c.front.remove(c)
	if c.linger {
		c.front.linger(c.conn.NetConn(), c.in[:cap(c.in)])
	}
	if c.aborted && c.mode == untilClose {
		c.reset() // an end would say that the body is whole
	}
	_ = c.conn.Close()
}

// reset lets the closing of the connection be a reset.
func (c *leanConn) reset() {
	if l, ok := socketOf(c.conn.NetConn()).(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0)
	}
}

// readHead waits for a complete head, and returns its end in c.in. It fails if the
// connection ends, or the head is malformed, too long or late.
func (c *leanConn) readHead() (end int, err error) {
	o := &c.front.o
	idle := c.r == c.w
	if idle {
		c.r, c.w = 0, 0
	}
	c.conn.Expect(time.Now(), o.IdleTimeout)
	skipped, timing := false, false
	from := c.r
	for {
		// One empty line before a request line is skipped (RFC 9112, 2.2).
		if from == c.r && c.w-c.r >= 2 && c.in[c.r] == '\r' && c.in[c.r+1] == '\n' && !skipped {
			c.r += 2
			from, skipped = c.r, true
		}
		end, next, err := http1.End(c.in[:c.w], from)
		switch {
		case err != nil:
			return 0, err
		case end-c.r > o.MaxHead || end == 0 && c.w-c.r > o.MaxHead:
			return 0, http1.ErrHeadTooLarge
		case end > 0:
			return end, nil
		}
		if !idle && !timing {
			c.conn.Expect(time.Now(), o.HeadTimeout)
			timing = true
		}
		from = c.room(next)
		n, err := c.conn.Read(c.in[c.w:])
		if err != nil && c.goesOn(idle) {
			continue
		}
		if err != nil && idle {
			return 0, errIdle // nothing to answer
		}
		if err != nil {
			return 0, err
		}
		c.w += n
		idle = false
	}
}

// room makes place for more bytes, keeping in[r:w]; from moves with them.
func (c *leanConn) room(from int) int {
	if c.w < len(c.in) {
		return from
	}
	if c.r > 0 {
		from -= c.r
		c.w = copy(c.in, c.in[c.r:c.w])
		c.r = 0
		return from
	}
	c.in = append(c.in, make([]byte, len(c.in))...)
	return from
}

// errIdle ends a connection on which no request was begun.
var errIdle = errors.New("idle connection ended")

// exchange serves one exchange, and reports whether the connection goes on.
func (c *leanConn) exchange(end int) bool {
	x := &c.x
	head := c.in[c.r:end]
	*x = Exchange{native: c, head: head, Client: c.client, Local: c.local, TLS: c.tls, Major: 1, Start: time.Now()}
	c.leanBody = leanBody{buf: c.in, base: end, br: end, bw: c.w, trailer: c.trailer[:0], patience: c.front.o.IdleTimeout}
	c.asked.Store(false)
	c.leanResponse = leanResponse{}
	if err := c.req.Parse(head); err != nil {
		c.refuse(err)
		return false
	}
	q := &c.req
	x.Method, x.Target, x.Host, x.Fields = q.Method, q.Target, q.Host, q.Fields
	x.targetAt, x.hostAt = q.TargetAt, q.HostAt
	x.Minor, x.Length, x.Expect, x.Upgrade = q.Minor, q.Length, q.Expect, q.Upgrade
	c.left, c.chunked, c.complete = q.Length, q.Length < 0, q.Length == 0
	c.close = !q.KeepAlive
	if !c.begin() {
		return false
	}
	c.call()
	alive := c.finish()
	if c.front.o.Log != nil {
		c.front.o.Log(x, time.Since(x.Start))
	}
	return c.idle() && alive
}

// call runs the handler. A panic breaks this exchange only.
func (c *leanConn) call() {
	defer func() {
		if v := recover(); v != nil {
			c.aborted = true
			c.front.o.panicked(&c.x, v)
		}
	}()
	c.front.o.Handler.ServeExchange(&c.x)
}

// begin marks the connection as busy, and reports false if it must end instead.
func (c *leanConn) begin() bool {
	if c.late {
		defer c.front.begun(c) // once it is busy
	}
	period := c.front.watch.period()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending.Load() {
		return false
	}
	c.answerAsk()
	c.busy = period
	return true
}

// idle ends the exchange and makes the unused bytes the start of the next head;
// false if there is to be none: endWhenIdle found the connection busy although
// the answer, with which it could have said so, was out already.
func (c *leanConn) idle() bool {
	c.mu.Lock()
	c.busy, c.watcher = 0, nil
	ending := c.ending.Load()
	c.mu.Unlock()
	if c.hijacked {
		return false
	}
	c.in, c.r, c.w = c.buf, c.br, c.bw
	if c.r == c.w && len(c.in) > leanKeep {
		c.in = make([]byte, leanRead)
		c.r, c.w = 0, 0
	}
	if cap(c.out) > leanKeep {
		c.out = make([]byte, 0, leanWrite)
	}
	return !ending
}

// endWhenIdle ends the connection now, or after the exchange in progress.
func (c *leanConn) endWhenIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ending.Store(true)
	if c.busy == 0 || c.draining {
		c.conn.Cancel()
	}
}

// askIdle stops the wait for the next request, if there is one: see goesOn.
func (c *leanConn) askIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy == 0 && c.tls == nil && !c.ending.Load() {
		c.asks = true
		c.conn.StopReading()
	}
}

// answerAsk takes back what askIdle did, and reports whether it did anything. The
// caller holds mu and does not read.
func (c *leanConn) answerAsk() bool {
	asked := c.asks
	if asked {
		c.asks = false
		c.conn.RestoreReading()
	}
	return asked
}

// goesOn reports whether a wait for a head that has failed begins again: askIdle stopped
// it, and a request has begun or is on its way.
func (c *leanConn) goesOn(idle bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answerAsk() && !c.ending.Load() && (!idle || !c.conn.Quiet())
}

func (c *leanConn) isEnding() bool { return c.ending.Load() }

// breakOff ends the connection at once. Its goroutine closes it.
func (c *leanConn) breakOff() {
	c.conn.Cancel() // first, so that what the handler makes of its client's going reaches nobody
	c.mu.Lock()
	c.ending.Store(true)
	c.mu.Unlock()
	c.clientGone()
}

// clientGone notes that the client has closed, and notifies the watcher.
func (c *leanConn) clientGone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return
	}
	c.gone = true
	if c.watcher != nil {
		c.watcher.ClientGone()
		c.watcher = nil
	}
}

// refuse answers what is no request, if an answer is due, and ends the
// connection.
func (c *leanConn) refuse(err error) {
	var fault *http1.Fault
	status := 0
	switch {
	case errors.As(err, &fault):
		status = fault.Status
	case errors.Is(err, os.ErrDeadlineExceeded):
		status = 408
	default:
		return
	}
	c.x = Exchange{native: c, Major: 1, Minor: 1, Start: time.Now(), Client: c.client, Local: c.local, TLS: c.tls}
	c.leanResponse = leanResponse{close: true, linger: true}
	c.x.Fail(0, err)
	if c.x.WriteHead(status, nil, 0) == nil {
		_ = c.flush() // the client may have gone
	}
	if c.front.o.Log != nil {
		c.front.o.Log(&c.x, 0)
	}
}
