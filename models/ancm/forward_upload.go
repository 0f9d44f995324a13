package ancm

import (
	"errors"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
	"ancmbench/models/httpsys/rawio"
)

// uploadBuffers hold one read of a request body each.
var uploadBuffers = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// upload sends a request body to the app.
type upload struct {
	x       *httpsys.Exchange
	u       *upstream
	timeout time.Duration

	// mu is held while the last bytes of the body are handed to the system. So a
	// goroutine with a complete response knows whether they were sent.
	mu    sync.Mutex
	sent  bool      // the last byte was handed over
	since time.Time // when it was, or when writing failed: the answer is waited for; zero before
	// cut is set before this goroutine ends the wait for the response, because
	// the body cannot be read.
	cut  atomic.Bool
	done chan struct{}
	// client is what went wrong while reading, app while writing; both may be
	// read once done is closed.
	client, app error
}

func (up *upload) run() {
	defer close(up.done)
	up.client, up.app = up.copy()
	if up.app != nil {
		up.over(false)
	}
	if up.client != nil {
		// No response is worth waiting for: the app will not get the whole body.
		up.cut.Store(true)
		up.u.conn.Cancel()
	}
}

func (up *upload) copy() (client, app error) {
	buf := uploadBuffers.Get().(*[16 << 10]byte)
	defer uploadBuffers.Put(buf)
	left := up.x.Length
	// In a chunk the data lie between room for the size line and for the line
	// break with the last chunk.
	const before, after = 10, 8
	chunked := up.u.inChunks
	for {
		data := buf[before : len(buf)-after]
		n, err := up.x.ReadBody(data)
		out := buf[before : before+n]
		if n > 0 && chunked {
			out = chunk(buf[:], before, n)
		}
		ended := err == io.EOF
		if !chunked {
			left -= int64(n)
			ended = left == 0
		} else if ended {
			if _, err := up.u.conn.Write(out); err != nil {
				return nil, err
			}
			return nil, up.writeLast(lastChunk(up.x.Trailers()))
		}
		if ended {
			return nil, up.writeLast(out)
		}
		if len(out) > 0 {
			if _, werr := up.u.conn.Write(out); werr != nil {
				return nil, werr
			}
		}
		if err != nil {
			return bodyFault(err), nil
		}
	}
}

// writeLast writes the bytes that end the body.
func (up *upload) writeLast(p []byte) error {
	up.mu.Lock()
	n, err := up.u.conn.TryWrite(p)
	if n == len(p) || up.u.conn.Waits() { // where nothing can be tried, it counts as sent when it is begun
		up.sent, up.since = true, time.Now()
	}
	up.mu.Unlock()
	if n == len(p) || err != nil {
		return err
	}
	if _, err := up.u.conn.Write(p[n:]); err != nil {
		return err
	}
	up.over(true)
	return nil
}

// over notes that nothing more is sent, whether the body was complete or not.
func (up *upload) over(whole bool) {
	up.mu.Lock()
	defer up.mu.Unlock()
	up.sent, up.since = whole, time.Now()
}

func (up *upload) state() (sent bool, since time.Time) {
	up.mu.Lock()
	defer up.mu.Unlock()
	return up.sent, up.since
}

// prolongs sets the limit of the wait for the response anew, counted from the end of
// the upload, and reports whether there is time left.
func (up *upload) prolongs(c *rawio.Conn) bool {
	now := time.Now()
	if _, since := up.state(); !since.IsZero() {
		if now.Sub(since) >= up.timeout {
			return false
		}
		now = since
	}
	c.Expect(now, up.timeout)
	return true
}

// chunk returns the chunk of the n bytes at buf[at:], with its size line and line
// break.
func chunk(buf []byte, at, n int) []byte {
	var digits [8]byte
	size := strconv.AppendInt(digits[:0], int64(n), 16)
	start := at - len(size) - 2
	copy(buf[start:], size)
	buf[at-2], buf[at-1] = '\r', '\n'
	buf[at+n], buf[at+n+1] = '\r', '\n'
	return buf[start : at+n+2]
}

func lastChunk(trailers []httpsys.Field) []byte {
	out := append([]byte(nil), "0\r\n"...)
	for i := range trailers {
		if trailers[i].Kind == http1.Other {
			out = appendField(out, &trailers[i])
		}
	}
	return append(out, '\r', '\n')
}

// bodyFault returns the answer for a request whose body cannot be read.
func bodyFault(err error) error {
	var fault *http1.Fault
	if errors.As(err, &fault) {
		return &Failure{Status: fault.Status, Err: err}
	}
	return errors.Join(httpsys.ErrGone, err)
}

// end waits for the goroutine after the response is complete or has failed. It reports
// whether all of the body was sent by then, and if not whether the client caused that.
func (up *upload) end() (complete bool, client error) {
	sent, _ := up.state()
	if !sent && !up.cut.Load() {
		// The app has answered, and does not want the rest; or it never will.
		up.x.StopBody()
		up.u.conn.Cancel()
		<-up.done
		return false, nil
	}
	<-up.done
	return sent && up.app == nil, up.client
}
