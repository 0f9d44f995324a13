//go:build !windows

package httpsys

import (
	"errors"
	"io"
	"os"
	"time"

	"ancmbench/models/httpsys/http1"
	"ancmbench/models/httpsys/rawio"
)

// leanBody is the request body of one exchange.
type leanBody struct {
	// buf[br:bw] was read behind the head: body, and what comes after it. Below
	// base lies the head, when buf is the head's buffer.
	buf          []byte
	base, br, bw int

	patience time.Duration // how long a read may wait
	left     int64         // of a body with a length
	chunked  bool
	chunks   http1.Chunked
	piece    []byte // of a chunk's data, taken but not read yet
	complete bool   // nothing of the body is left in buf or on the connection
	failed   error
	trailer  []Field
}

// bodyRoom is the least room, in bytes, for reading chunks.
const bodyRoom = 2 * http1.MaxChunkLine

func (c *leanConn) readBody(p []byte) (int, error) {
	switch {
	case c.failed != nil:
		return 0, c.failed
	case c.complete:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	n, err := c.readSome(p)
	if err != nil && err != io.EOF {
		c.failed = err
	}
	return n, err
}

func (c *leanConn) readSome(p []byte) (int, error) {
	if c.chunked {
		return c.readChunked(p)
	}
	p = p[:min(int64(len(p)), c.left)]
	n := copy(p, c.buf[c.br:c.bw])
	if n == 0 {
		var err error
		if n, err = c.receive(p); err != nil {
			return 0, err
		}
	} else {
		c.br += n
	}
	c.left -= int64(n)
	c.complete = c.left == 0
	return n, nil
}

// receive reads from the connection, asking for the body first if the client
// waits for that.
func (c *leanConn) receive(p []byte) (int, error) {
	if err := c.ask(); err != nil {
		return 0, err
	}
	c.conn.Expect(time.Now(), c.patience)
	n, err := c.conn.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, errBodyTimeout
	}
	if err != nil {
		if !errors.Is(err, rawio.ErrCanceled) {
			c.clientGone()
		}
		return n, errors.Join(ErrGone, err)
	}
	return n, nil
}

// ask sends 100 once, if the client waits for it and no response has begun.
func (c *leanConn) ask() error {
	if !c.x.Expect || !c.asked.CompareAndSwap(false, true) {
		return nil
	}
	c.sendMu.Lock()
	defer c.sendMu.Unlock()
	_, err := c.conn.Write([]byte("HTTP/1.1 100 Continue\r\n\r\n"))
	return err
}

func (c *leanConn) readChunked(p []byte) (int, error) {
	for {
		if len(c.piece) > 0 {
			n := copy(p, c.piece)
			c.piece = c.piece[n:]
			return n, nil
		}
		data, used, err := c.chunks.Next(c.buf[c.br:c.bw])
		c.br += used
		if err != nil {
			return 0, err
		}
		if len(data) > 0 {
			c.piece = data
			continue
		}
		if c.chunks.Done() {
			if err := c.readTrailers(); err != nil {
				return 0, err
			}
			c.complete = true
			return 0, io.EOF
		}
		if err := c.more(); err != nil {
			return 0, err
		}
	}
}

func (c *leanConn) readTrailers() error {
	from := 0
	for {
		here, next, err := c.takeTrailers(from)
		if here || err != nil {
			return err
		}
		from = next
		if err := c.more(); err != nil {
			return err
		}
	}
}

// takeTrailers takes the trailer section if all of it is in the buffer. from and
// next are those of http1.End.
func (c *leanConn) takeTrailers(from int) (here bool, next int, err error) {
	end, next, err := http1.End(c.buf[c.br:c.bw], from)
	switch {
	case err != nil:
		return false, next, err
	case end > c.front.o.MaxHead || end == 0 && c.bw-c.br > c.front.o.MaxHead:
		return false, next, http1.ErrHeadTooLarge
	case end == 0:
		return false, next, nil
	}
	c.trailer, err = http1.Fields(c.trailer[:0], c.buf[c.br:c.br+end], 0)
	c.br += end
	return err == nil, next, err
}

// more reads behind buf[br:bw], without touching the head.
func (c *leanConn) more() error {
	if c.br == c.bw {
		c.br, c.bw = c.base, c.base
	}
	if c.bw == len(c.buf) && c.br > c.base {
		c.bw = c.base + copy(c.buf[c.base:], c.buf[c.br:c.bw])
		c.br = c.base
	}
	if len(c.buf)-c.bw < bodyRoom/2 {
		grown := make([]byte, max(4*bodyRoom, 2*(c.bw-c.br)))
		c.bw = copy(grown, c.buf[c.br:c.bw])
		c.buf, c.base, c.br = grown, 0, 0
	}
	n, err := c.receive(c.buf[c.bw:])
	c.bw += n
	return err
}

func (c *leanConn) ready() []byte {
	if c.chunked || c.x.Expect || c.failed != nil {
		return nil
	}
	return c.buf[c.br : c.br+int(min(c.left, int64(c.bw-c.br)))]
}

func (c *leanConn) trailers() []Field { return c.trailer }

// stopBody makes a reader in another goroutine give up.
func (c *leanConn) stopBody() {
	c.stopped = true
	c.conn.StopReading()
}
