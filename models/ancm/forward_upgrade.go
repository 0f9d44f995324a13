package ancm

import (
	"fmt"
	"net"
	"sync"
	"time"

	"ancmbench/models/httpsys"
)

// switchProtocols answers 101, and copies bytes in both directions until one side
// closes or both are silent for the request timeout (OP-10).
func (f *Forwarder) switchProtocols(x *httpsys.Exchange, u *upstream) error {
	if !webSocket(x) {
		return fmt.Errorf("%w: it switches protocols unasked", errProtocol)
	}
	f.pass(u)
	client, early, err := x.Switch("websocket", u.fields)
	if err != nil {
		return clientError(err)
	}
	x.Unwatch()
	app := u.conn.NetConn()
	p := &pumps{timeout: f.timeout()}
	p.touch(client, app)
	var wg sync.WaitGroup
	wg.Go(func() { p.pump(app, client, early) })
	wg.Go(func() { p.pump(client, app, u.in[u.r:u.w]) })
	wg.Wait()
	_ = client.Close()
	return nil
}

// pumps carry the bytes of a switched connection.
type pumps struct {
	timeout time.Duration
	mu      sync.Mutex
	set     time.Time
}

// pump copies from src to dst until src ends. Then it ends dst for writing, so that the
// other direction can still finish.
func (p *pumps) pump(dst, src net.Conn, first []byte) {
	buf := uploadBuffers.Get().(*[16 << 10]byte)
	defer uploadBuffers.Put(buf)
	defer endWriting(dst)
	if len(first) > 0 {
		if _, err := dst.Write(first); err != nil {
			return
		}
	}
	for {
		n, err := src.Read(buf[:])
		if n > 0 {
			p.touch(src, dst)
			if _, err := dst.Write(buf[:n]); err != nil {
				_ = src.Close() // else the other pump would wait for an end that nobody sends
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// touch moves the deadline of both connections, at most once a tenth of the
// timeout: a byte in either direction keeps both alive.
func (p *pumps) touch(a, b net.Conn) {
	if p.timeout <= 0 {
		return
	}
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.set) < p.timeout/10 {
		return
	}
	p.set = now
	_ = a.SetDeadline(now.Add(p.timeout))
	_ = b.SetDeadline(now.Add(p.timeout))
}

func endWriting(c net.Conn) {
	if w, ok := c.(interface{ CloseWrite() error }); ok {
		_ = w.CloseWrite()
		return
	}
	_ = c.Close()
}
