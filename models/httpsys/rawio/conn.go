package rawio

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrCanceled is what a wait gives after Cancel.
var ErrCanceled = errors.New("canceled")

// ErrNotQuiet is what Call gives, without having written anything, on a connection
// that has ended or has brought bytes that nobody asked for.
var ErrNotQuiet = errors.New("the connection has ended, or has brought bytes before it was asked")

// Conn moves bytes over one connection. One goroutine reads (Read, Call) and one
// writes (Write) at a time; Cancel may be called by any. It must be made by Init
// and must not be copied.
type Conn struct {
	nc  net.Conn
	raw socket

	canceled, readStopped atomic.Bool
	// due is when the current wait for bytes is to fail, and armed when the
	// runtime's timer will ring: never later than due, often earlier. An early
	// ring finds due in the future and sets the timer again. So a request that
	// moves due by a little costs no timer operation.
	due, armed time.Time
	patience   time.Duration // of a write that finds no room; 0 is no limit
	writeDue   time.Time     // the write deadline that is set
	waits      int           // how many writes found no room at once
}

// Init makes c the Conn of nc, which it owns.
func (c *Conn) Init(nc net.Conn) {
	c.nc = nc
	c.raw.init(nc)
}

// NetConn returns the connection underneath, for taking it over.
func (c *Conn) NetConn() net.Conn { return c.nc }

// FD returns the descriptor of nc's socket, valid until it is closed; -1 if there is none.
func FD(nc net.Conn) int {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return -1
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return -1
	}
	n := -1
	_ = rc.Control(func(fd uintptr) { n = int(fd) }) // fails on a closed connection
	return n
}

// Close closes the connection.
func (c *Conn) Close() error { return c.nc.Close() }

// SetWritePatience sets how long a write may find no room; zero is no limit. It
// is called before the connection is used.
func (c *Conn) SetWritePatience(patience time.Duration) { c.patience = patience }

// Expect lets reads fail with os.ErrDeadlineExceeded once patience has passed
// since now; zero is no limit. It belongs to the goroutine that reads.
func (c *Conn) Expect(now time.Time, patience time.Duration) {
	if patience <= 0 {
		c.ExpectBy(time.Time{})
		return
	}
	c.ExpectBy(now.Add(patience))
}

// ExpectBy is like Expect, with the time itself; the zero time means no limit.
func (c *Conn) ExpectBy(due time.Time) {
	c.due = due
	if !due.IsZero() && (c.armed.IsZero() || c.armed.After(due)) {
		c.arm()
	}
}

func (c *Conn) arm() {
	c.armed = c.due
	_ = c.nc.SetReadDeadline(c.due) // fails on a closed connection: the read will tell
}

// Cancel makes every wait, now and later, fail with ErrCanceled.
func (c *Conn) Cancel() {
	c.canceled.Store(true)
	_ = c.nc.SetDeadline(past)
}

// StopReading makes a Read that waits, and all later ones, fail with ErrCanceled;
// writes go on.
func (c *Conn) StopReading() {
	c.readStopped.Store(true)
	_ = c.nc.SetReadDeadline(past)
}

// Restore takes Cancel and StopReading back, when nobody else is using the connection.
func (c *Conn) Restore() {
	c.canceled.Store(false)
	c.RestoreReading()
	c.writeDue = time.Time{}
	_ = c.nc.SetWriteDeadline(time.Time{})
}

// RestoreReading takes StopReading back, when nobody is reading.
func (c *Conn) RestoreReading() {
	c.readStopped.Store(false)
	c.armed = time.Time{}
	_ = c.nc.SetReadDeadline(time.Time{})
}

var past = time.Unix(1, 0)

// early decides what to do about an error: true is to wait again, because the
// timer rang before it was due.
func (c *Conn) early(err error) (bool, error) {
	if c.readCanceled() {
		return false, ErrCanceled
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) || !c.due.IsZero() && !time.Now().Before(c.due) {
		return false, err
	}
	if c.due.IsZero() {
		c.armed = time.Time{}
		_ = c.nc.SetReadDeadline(time.Time{})
	} else {
		c.arm()
	}
	// Cancel may have come between the look above and the new deadline.
	if c.readCanceled() {
		return false, ErrCanceled
	}
	return true, nil
}

func (c *Conn) readCanceled() bool { return c.canceled.Load() || c.readStopped.Load() }

// Read reads at least one byte; io.EOF at the end.
func (c *Conn) Read(p []byte) (int, error) {
	for {
		n, err := c.read(p)
		if n > 0 {
			return n, nil
		}
		if err == nil {
			return 0, io.ErrNoProgress
		}
		again, err := c.early(err)
		if !again {
			return 0, err
		}
	}
}

func (c *Conn) read(p []byte) (int, error) {
	if c.raw.usable() {
		return c.raw.read(p)
	}
	return c.nc.Read(p)
}

// TryWrite writes what fits into the socket's buffer without waiting; nothing where
// that cannot be had.
func (c *Conn) TryWrite(p []byte) (int, error) {
	if !c.raw.usable() {
		return 0, nil
	}
	return c.raw.tryWrite(p)
}

// Waits reports whether TryWrite does anything on this connection.
func (c *Conn) Waits() bool { return !c.raw.usable() }

// Write writes all of p.
func (c *Conn) Write(p []byte) (int, error) {
	wrote := 0
	if c.canceled.Load() {
		return 0, ErrCanceled
	}
	if c.raw.usable() {
		n, err := c.raw.tryWrite(p)
		if n == len(p) || err != nil {
			return n, err
		}
		wrote = n
		c.waits++
	}
	c.beginWait()
	if c.canceled.Load() {
		return wrote, ErrCanceled
	}
	n, err := c.nc.Write(p[wrote:])
	if err != nil && c.canceled.Load() {
		err = ErrCanceled
	}
	return wrote + n, err
}

// beginWait sets how long a write may now wait, to an eighth: the deadline is moved
// only when that changes much.
func (c *Conn) beginWait() {
	if c.patience <= 0 {
		return
	}
	due := time.Now().Add(c.patience)
	if due.Sub(c.writeDue) < c.patience/8 {
		return
	}
	c.writeDue = due
	_ = c.nc.SetWriteDeadline(due) // fails on a closed connection: the write will tell
}

// Call writes all of out and then reads at least one byte into in, which must have
// room for one. wrote is the
// number of bytes that were written, whatever the error. It gives ErrNotQuiet if
// anything has come before the first byte of out was written, and reports with
// premature that something had come before the last one was.
func (c *Conn) Call(out, in []byte) (wrote, read int, premature bool, err error) {
	if !c.raw.usable() {
		if !c.Quiet() {
			return 0, 0, false, ErrNotQuiet
		}
		return c.writeThenRead(out, in)
	}
	for {
		wrote, read, err = c.raw.call(out, in)
		if read > 0 {
			return wrote, read, false, nil
		}
		if err == nil { // out did not fit into the socket's buffer
			n, read, premature, err := c.writeThenRead(out[wrote:], in)
			return wrote + n, read, premature, err
		}
		again, err := c.early(err)
		if !again {
			return wrote, 0, false, err
		}
		if wrote == len(out) {
			read, err = c.Read(in)
			return wrote, read, false, err
		}
	}
}

// writeThenRead does the two one after the other. Whether something has come in
// between is looked at only where the writing had to wait: else nobody can tell a
// premature answer from a quick one.
func (c *Conn) writeThenRead(out, in []byte) (wrote, read int, premature bool, err error) {
	waited := c.waits
	if wrote, err = c.Write(out); err != nil {
		return wrote, 0, false, err
	}
	if c.waits != waited {
		premature = !c.Quiet()
	}
	read, err = c.Read(in)
	return wrote, read, premature, err
}

// Quiet reports whether an idle connection is still alive, as far as can be told
// without waiting: nothing has come that nobody asked for, and no end.
func (c *Conn) Quiet() bool {
	if c.raw.usable() {
		return c.raw.quiet()
	}
	sc, ok := c.nc.(syscall.Conn)
	if !ok {
		return c.probe()
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	is := false
	_ = rc.Control(func(fd uintptr) { is = quiet(fd) }) // fails on a closed connection, which is not quiet
	return is
}

// probe looks by reading with a deadline that is near, where there is no socket to
// ask. It must not have passed when the read begins, or nothing would be read.
func (c *Conn) probe() bool {
	if c.nc.SetReadDeadline(time.Now().Add(5*time.Millisecond)) != nil {
		return false
	}
	var b [1]byte
	n, err := c.nc.Read(b[:])
	c.arm()
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
}
