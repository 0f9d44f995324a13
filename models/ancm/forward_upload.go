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
)

// uploadBuffers hold one read of a request body each.
var uploadBuffers = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// upload sends a request body to the app.
type upload struct {
	x       *httpsys.Exchange
	u       *upstream
	timeout time.Duration

	// last is set before the write that ends the body: what the app answers
	// from then on may be an answer to all of it.
	last atomic.Bool
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
			up.last.Store(true)
			if _, err := up.u.conn.Write(out); err != nil {
				return nil, err
			}
			_, err := up.u.conn.Write(lastChunk(up.x.Trailers()))
			return nil, err
		}
		if ended {
			up.last.Store(true)
		}
		if len(out) > 0 {
			if _, werr := up.u.conn.Write(out); werr != nil {
				return nil, werr
			}
		}
		if ended {
			return nil, nil
		}
		if err != nil {
			return bodyFault(err), nil
		}
	}
}

// chunk puts the size line in front of the n bytes at buf[at:] and the line
// break behind them, and gives the whole.
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

// bodyFault is the failure that a request body stands for that cannot be read.
func bodyFault(err error) error {
	var fault *http1.Fault
	if errors.As(err, &fault) {
		return &Failure{Status: fault.Status, Err: err}
	}
	return errors.Join(httpsys.ErrGone, err)
}

// uploadGrace is how long the end of a body may take when the response to it is
// here already.
const uploadGrace = time.Second

// end waits for the goroutine once the response is there, or has failed with
// err, and reports whether all of the body was sent, and if not whether the
// client is to blame.
func (up *upload) end(err error) (complete bool, client error) {
	if up.cut.Load() {
		<-up.done
	} else if err == nil && up.last.Load() {
		t := time.NewTimer(uploadGrace)
		defer t.Stop()
		select {
		case <-up.done:
		case <-t.C:
		}
	}
	select {
	case <-up.done:
	default:
		// The app has answered, and does not want the rest; or it never will.
		up.x.StopBody()
		up.u.conn.Cancel()
		<-up.done
		return false, nil
	}
	return up.client == nil && up.app == nil, up.client
}
