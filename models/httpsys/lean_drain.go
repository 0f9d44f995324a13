//go:build !windows

package httpsys

import (
	"errors"

	"ancmbench/models/httpsys/rawio"
)

// skipBody steps over what is left of the body if all of it is in the buffer.
func (c *leanConn) skipBody() bool {
	if c.stopped { // the reader that was told to stop has returned
		c.stopped = false
		c.conn.RestoreReading()
		if errors.Is(c.failed, rawio.ErrCanceled) {
			c.failed = nil
		}
	}
	switch {
	case c.complete:
		return true
	case c.failed != nil:
		return false
	case !c.chunked:
		if int64(c.bw-c.br) < c.left {
			return false
		}
		c.br += int(c.left)
		c.left, c.complete = 0, true
		return true
	}
	c.piece = nil
	for !c.chunks.Done() {
		data, used, err := c.chunks.Next(c.buf[c.br:c.bw])
		c.br += used
		if err != nil {
			c.failed = err
		}
		if err != nil || len(data) == 0 && !c.chunks.Done() {
			return false
		}
	}
	var here bool
	here, _, c.failed = c.takeTrailers(0)
	c.complete = c.failed == nil && here
	return c.complete
}

// mayDrain reports whether the rest of the body may be worth waiting for.
func (c *leanConn) mayDrain() bool { return c.failed == nil && c.left <= discardBytes }

// drain reads the rest of the body after the response was sent, and reports whether
// it has found its end: that of the request, wherever the packets were cut.
func (c *leanConn) drain() bool {
	c.mu.Lock()
	c.draining = true
	c.watcher = nil
	ending := c.ending.Load()
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.draining = false
		c.mu.Unlock()
	}()
	if ending {
		return false
	}
	c.patience = min(discardPatience, c.front.o.IdleTimeout)
	room := c.out[:cap(c.out)]
	if c.left < 0 || c.left > int64(len(room)) {
		room = make([]byte, 32<<10)
	}
	for taken := 0; taken <= discardBytes; {
		n, err := c.readBody(room)
		taken += n
		if c.complete {
			return true
		}
		if err != nil {
			return false
		}
	}
	return false
}
