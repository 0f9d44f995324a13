//go:build !windows

package httpsys

import (
	"errors"
	"net"
	"net/http"
	"strconv"

	"ancmbench/models/httpsys/http1"
)

// leanResponse is the state of one response.
type leanResponse struct {
	mode     bodyMode
	rest     int64 // of a body with a length
	close    bool  // the connection ends with this exchange
	linger   bool  // it may have unread bytes: see linger
	aborted  bool
	hijacked bool
	taken    net.Conn // what Hijack gave
	stopped  bool     // StopBody was called

	// out[says:saysEnd] is the place of the Connection field in a head of which
	// nothing was sent yet; says is 0 otherwise.
	says, saysEnd int
}

type bodyMode uint8

const (
	noBody bodyMode = iota
	withLength
	inChunks
	untilClose
)

// Sizes in bytes: what is gathered at most before it is sent, and what is so
// long that copying it would cost more than a system call of its own.
const (
	gatherMost = 32 << 10
	sendAlone  = 16 << 10
)

func (c *leanConn) writeHead(status int, fields []Field, length int64) error {
	x := &c.x
	if x.Expect && c.asked.CompareAndSwap(false, true) && !c.complete {
		// The body was not asked for. Whether it comes now is the client's choice, so
		// nobody could tell where the next request begins (RFC 9110, 10.1.1).
		c.close = true
	}
	out := appendStatus(c.out, status, x.Reason)
	out = append(out, c.front.own...)
	out = append(out, c.front.date(x.Start)...)
	for i := range fields {
		switch fields[i].Kind {
		case http1.Connection, http1.ContentLength, http1.TransferEncoding, http1.Date, http1.Proof:
		default:
			out = appendField(out, &fields[i])
		}
	}
	bodyless := status == http.StatusNoContent || status == http.StatusNotModified || x.Is(http.MethodHead)
	switch {
	case length >= 0 && status != http.StatusNoContent:
		out = append(out, "Content-Length: "...)
		out = strconv.AppendInt(out, length, 10)
		out = append(out, '\r', '\n')
		c.mode, c.rest = withLength, length
	case bodyless:
	case x.Minor == 0:
		c.mode, c.close = untilClose, true
	default:
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
		c.mode = inChunks
	}
	if bodyless {
		c.mode = noBody
	}
	says := len(out)
	switch {
	case c.close || c.isEnding():
		c.close = true
		out = append(out, sayClose...)
	case x.Minor == 0:
		out = append(out, "Connection: keep-alive\r\n"...)
	}
	c.says, c.saysEnd = says, len(out)
	c.out = append(out, '\r', '\n')
	return nil
}

const sayClose = "Connection: close\r\n"

// closeAndSay ends the connection with this exchange, and says so if the head can
// still be changed (RFC 9112, 9.6).
func (c *leanConn) closeAndSay() {
	c.close = true
	if c.says == 0 {
		return
	}
	rest := append([]byte(nil), c.out[c.saysEnd:]...)
	c.out = append(append(c.out[:c.says], sayClose...), rest...)
	c.says = 0
}

func appendStatus(out []byte, status int, reason []byte) []byte {
	if status == http.StatusOK && (len(reason) == 0 || string(reason) == "OK") {
		return append(out, "HTTP/1.1 200 OK\r\n"...)
	}
	out = append(out, "HTTP/1.1 "...)
	out = strconv.AppendInt(out, int64(status), 10)
	out = append(out, ' ')
	if len(reason) > 0 {
		out = append(out, reason...)
	} else {
		out = append(out, http.StatusText(status)...)
	}
	return append(out, '\r', '\n')
}

func (c *leanConn) inform(status int, fields []Field) error {
	if status == http.StatusContinue && !c.asked.CompareAndSwap(false, true) {
		return nil // one is enough
	}
	c.out = appendStatus(c.out, status, nil)
	for i := range fields {
		c.out = appendField(c.out, &fields[i])
	}
	c.out = append(c.out, '\r', '\n')
	return c.flush()
}

func (c *leanConn) write(p []byte) (int, error) {
	switch c.mode {
	case noBody:
		return len(p), nil
	case withLength:
		if int64(len(p)) > c.rest {
			c.aborted = true
			return 0, ErrTooLong
		}
		c.rest -= int64(len(p))
	case inChunks:
		if len(p) == 0 {
			return 0, nil // an empty chunk would end the body
		}
		c.out = strconv.AppendInt(c.out, int64(len(p)), 16)
		c.out = append(c.out, '\r', '\n')
	}
	if err := c.put(p); err != nil {
		return 0, err
	}
	if c.mode == inChunks {
		c.out = append(c.out, '\r', '\n')
	}
	return len(p), nil
}

// put gathers p, or sends it after what was gathered.
func (c *leanConn) put(p []byte) error {
	if len(c.out)+len(p) <= gatherMost {
		c.out = append(c.out, p...)
		if len(c.out) >= sendAlone {
			return c.flush()
		}
		return nil
	}
	if err := c.flush(); err != nil {
		return err
	}
	return c.send(p)
}

func (c *leanConn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	err := c.send(c.out)
	c.out = c.out[:0]
	return err
}

func (c *leanConn) send(p []byte) error {
	c.says = 0
	if c.x.Expect { // only then may a reader of the body write too
		c.sendMu.Lock()
		defer c.sendMu.Unlock()
	}
	if _, err := c.conn.Write(p); err != nil {
		c.aborted = true
		c.clientGone()
		return errors.Join(ErrGone, err)
	}
	return nil
}

func (c *leanConn) writeTrailers(fields []Field) error {
	if c.mode != inChunks {
		return nil
	}
	c.out = append(c.out, "0\r\n"...)
	for i := range fields {
		c.out = appendField(c.out, &fields[i])
	}
	c.out = append(c.out, '\r', '\n')
	c.mode = noBody // nothing may follow
	return nil
}

// finish completes response and body; false ends the connection.
func (c *leanConn) finish() bool {
	if c.hijacked {
		return false
	}
	if !c.x.began && !c.aborted {
		_ = c.x.WriteHead(http.StatusInternalServerError, nil, 0)
	}
	if c.aborted {
		return false
	}
	if c.mode == inChunks {
		c.out = append(c.out, "0\r\n\r\n"...)
	}
	if c.mode == withLength && c.rest > 0 {
		_ = c.flush() // the client sees what there is, and that it is not all
		return false
	}
	whole := c.skipBody()
	if !whole && !c.mayDrain() || c.close || c.isEnding() {
		c.closeAndSay()
	}
	if c.flush() != nil {
		return false
	}
	if !whole && !c.close {
		whole = c.drain()
		c.close = !whole
	}
	c.linger = !whole || c.br < c.bw
	return !c.close
}

func (c *leanConn) hijack() (net.Conn, []byte, error) {
	if c.x.began || c.hijacked || !c.x.Upgrade {
		return nil, nil, ErrNoHijack
	}
	c.hijacked = true
	c.taken = c.conn.NetConn()
	c.front.remove(c)
	c.conn.Restore()
	read := append([]byte(nil), c.buf[c.br:c.bw]...)
	return c.conn.NetConn(), read, nil
}

func (c *leanConn) own() []Field { return c.front.o.Fields }
func (c *leanConn) closeAfter()  { c.closeAndSay() }
func (c *leanConn) abort()       { c.aborted = true }

func (c *leanConn) watch(g Gone) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone {
		return false
	}
	c.watcher = g
	return true
}

func (c *leanConn) unwatch() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watcher = nil
	return !c.gone
}
