package httpsys

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"ancmbench/models/httpsys/rawio"
)

// patientListener hands its connections to net/http as patientConns.
type patientListener struct{ net.Listener }

func (l patientListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newPatientConn(nc), nil
}

// patientConn spares net/http's HTTP/1 connection what nearly no request needs.
// For each one net/http moves the read deadline some six times, and lets a
// goroutine read one byte meanwhile, to hear of the client's going; all of that
// reaches the runtime's poller and its timers. Here a deadline is only noted
// until a read has to wait, and the read of one byte waits at a gate until either
// the exchange has lasted (look) or net/http takes it back by a deadline in the
// past. HTTP/2 reads single bytes that it needs, so it gets no patientConn.
type patientConn struct {
	net.Conn // for addresses and write deadlines
	io       rawio.Conn

	mu      sync.Mutex
	gate    sync.Cond // of due, open, closed
	due     time.Time // the read deadline as net/http set it
	reading bool      // a read is at the socket
	stopped bool      // that read was told to stop, and to look at due
	open    bool      // the gate
	closed  bool
}

func newPatientConn(nc net.Conn) *patientConn {
	c := &patientConn{Conn: nc}
	c.gate.L = &c.mu
	c.io.Init(nc)
	return c
}

func (c *patientConn) Read(p []byte) (int, error) {
	for {
		if err := c.beginRead(len(p) == 1); err != nil {
			return 0, err
		}
		n, err := c.io.Read(p)
		c.mu.Lock()
		c.reading = false
		c.open = false
		c.mu.Unlock()
		if !errors.Is(err, rawio.ErrCanceled) {
			return n, err
		}
	}
}

// beginRead waits at the gate, if gated, and sets the socket's deadline. The last byte
// that a head may have is read alone, too, but by a deadline.
func (c *patientConn) beginRead(gated bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for gated && c.due.IsZero() && !c.open && !c.closed {
		c.gate.Wait()
	}
	if passed(c.due) {
		return os.ErrDeadlineExceeded
	}
	if c.stopped {
		c.stopped = false
		c.io.RestoreReading()
	}
	c.io.ExpectBy(c.due)
	c.reading = true
	return nil
}

// passed holds for the deadlines that are set to take a read back. Others are
// left to the socket, so that no clock is read here.
func passed(due time.Time) bool { return !due.IsZero() && !due.After(past) }

// SetReadDeadline notes t for the next read. A read that waits at the socket is
// called back to look at it.
func (c *patientConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.due = t
	if !t.IsZero() {
		c.gate.Broadcast()
	}
	if c.reading && !c.stopped {
		c.stopped = true
		c.io.StopReading()
	}
	return nil
}

func (c *patientConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// look opens the gate: the exchange lasts, so its client's going is waited for at
// the socket.
func (c *patientConn) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = true
	c.gate.Broadcast()
}

func (c *patientConn) Write(p []byte) (int, error) { return c.io.Write(p) }

func (c *patientConn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.gate.Broadcast()
	c.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite ends the sending: net/http does so before it closes, lest a reset
// overtake what it sent.
func (c *patientConn) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return errors.ErrUnsupported
}

// release returns the connection underneath, for a handler that has hijacked it.
func (c *patientConn) release() net.Conn {
	_ = c.Conn.SetDeadline(time.Time{}) // fails on a closed connection: its use will tell
	return c.Conn
}
