package ancm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
	"ancmbench/models/httpsys/rawio"
	"ancmbench/models/internal/caller"
)

// Sizes of the buffers of a connection to the app, in bytes. A response head
// larger than maxResponseHead is malformed.
const (
	upstreamRead    = 16 << 10
	flushRead       = 8 << 10 // OP-09: one read of a body of unknown length
	upstreamWrite   = 4 << 10
	maxResponseHead = 64 << 10
)

// Backend is one process of the app, or another server, that accepts HTTP/1.1 requests,
// with its idle connections. Only Address is required. The exported fields must not
// change once the Backend is in use.
type Backend struct {
	// Network is "tcp" or "unix"; empty means "tcp".
	Network string
	Address string
	// Token is the pairing token of the process.
	Token string
	// Callers passes the identity of a request's user to the process (WA-02). It is nil
	// where the system has no way to do so, or the configuration does not want it.
	Callers *caller.Sender

	// Ends tells that Retire is called when the process has ended, so that a refused
	// connection may be waited out.
	Ends bool

	mu      sync.Mutex
	gone    chan struct{} // closed by Retire; nil until somebody waits
	idle    []*upstream   // most recently used last
	retired bool
	busy    atomic.Int64
}

// Retire closes the idle connections and lets none become idle again: the
// process has ended or is being replaced. Requests in progress go on.
func (b *Backend) Retire() {
	b.mu.Lock()
	idle := b.idle
	b.idle, b.retired = nil, true
	if b.gone != nil {
		close(b.gone)
		b.gone = nil
	}
	b.mu.Unlock()
	for _, u := range idle {
		u.close()
	}
}

// hasEnded waits until the process is known to have ended, and reports whether it is.
func (b *Backend) hasEnded(patience time.Duration) bool {
	if !b.Ends {
		return false
	}
	b.mu.Lock()
	if b.retired {
		b.mu.Unlock()
		return true
	}
	if b.gone == nil {
		b.gone = make(chan struct{})
	}
	gone := b.gone
	b.mu.Unlock()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-gone:
		return true
	case <-late.C:
		return false
	}
}

func (b *Backend) isRetired() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.retired
}

// Busy returns the number of requests that are on their way to this backend or back.
func (b *Backend) Busy() int { return int(b.busy.Load()) }

// take returns the idle connection that was used last, nil if there is none. Its memory
// is warm, and the others get old enough for the app to close them.
func (b *Backend) take() *upstream {
	b.mu.Lock()
	n := len(b.idle) - 1
	if n < 0 {
		b.mu.Unlock()
		return nil
	}
	u := b.idle[n]
	b.idle[n] = nil
	b.idle = b.idle[:n]
	b.mu.Unlock()
	return u
}

// put keeps a connection for the next request, and reports whether there was room for
// it.
func (b *Backend) put(u *upstream, most int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.retired || len(b.idle) >= most {
		return false
	}
	b.idle = append(b.idle, u)
	return true
}

func (b *Backend) network() string {
	if b.Network == "" {
		return "tcp"
	}
	return b.Network
}

// dial opens a new connection. It fails if the backend does not accept one within
// timeout.
func (b *Backend) dial(ctx context.Context, timeout, patience time.Duration) (*upstream, error) {
	d := net.Dialer{Timeout: timeout, KeepAlive: -1}
	nc, err := d.DialContext(ctx, b.network(), b.Address)
	if err != nil {
		return nil, fmt.Errorf("connect to the app: %w", err)
	}
	u := &upstream{in: make([]byte, upstreamRead), out: make([]byte, 0, upstreamWrite)}
	u.conn.Init(nc)
	u.conn.SetWritePatience(patience)
	return u, nil
}

// upstream is one connection to the app. It is used by one request at a time;
// only the body of a long request is written by a second goroutine.
type upstream struct {
	conn   rawio.Conn
	step   step    // of the exchange
	heard  bool    // a byte of an answer has come
	upload *upload // of the body that is being sent, nil if there is none

	out      []byte // the request being composed
	inChunks bool   // the body goes in chunks
	caller   *caller.Passed

	in     []byte // in[r:w] is what was read and not yet used
	r, w   int
	head   http1.Response
	fields []httpsys.Field // those of head that pass
	chunks http1.Chunked
}

// ClientGone ends every wait on this connection; the request sees
// rawio.ErrCanceled and the connection is not used again.
func (u *upstream) ClientGone() { u.conn.Cancel() }

func (u *upstream) close() { _ = u.conn.Close() }

// fill reads more bytes behind those in the buffer, and moves or grows the buffer when
// it is full. limit bounds one read. It fails when the connection ends or the step's
// time is over.
func (u *upstream) fill(limit int) error {
	u.room()
	end := min(len(u.in), u.w+limit)
	for {
		n, err := u.conn.Read(u.in[u.w:end])
		u.w += n
		u.heard = u.heard || n > 0
		if u.upload == nil || !errors.Is(err, os.ErrDeadlineExceeded) || !u.upload.prolongs(&u.conn) {
			return err
		}
	}
}

func (u *upstream) room() {
	if u.r == u.w {
		u.r, u.w = 0, 0
	}
	if u.w < len(u.in) {
		return
	}
	if u.r > 0 {
		u.w = copy(u.in, u.in[u.r:u.w])
		u.r = 0
		return
	}
	u.in = append(u.in, make([]byte, len(u.in))...)
}

// response reads a complete response head and parses it. The first bytes may be in the
// buffer already. It fails on a head that is malformed or larger than maxResponseHead.
func (u *upstream) response(isHead bool) error {
	from := 0
	for {
		end, next, err := http1.End(u.in[u.r:u.w], from)
		if err != nil {
			return err
		}
		if end > 0 {
			if end > maxResponseHead {
				return http1.ErrHeadTooLarge
			}
			err := u.head.Parse(u.in[u.r:u.r+end], isHead)
			u.r += end
			return err
		}
		if u.w-u.r > maxResponseHead {
			return http1.ErrHeadTooLarge
		}
		from = next
		if err := u.fill(len(u.in)); err != nil {
			return err
		}
	}
}

// trailers reads the trailer section behind the last chunk.
func (u *upstream) trailers() ([]httpsys.Field, error) {
	from := 0
	for {
		end, next, err := http1.End(u.in[u.r:u.w], from)
		if err != nil {
			return nil, err
		}
		if end > maxResponseHead {
			return nil, http1.ErrHeadTooLarge
		}
		if end > 0 {
			u.fields, err = http1.Fields(u.fields[:0], u.in[u.r:u.r+end], 0)
			u.r += end
			return u.fields, err
		}
		if u.w-u.r > maxResponseHead {
			return nil, http1.ErrHeadTooLarge
		}
		from = next
		if err := u.fill(len(u.in)); err != nil {
			return nil, err
		}
	}
}
