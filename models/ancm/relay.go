package ancm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"ancmbench/models/httpsys/rawio"
)

// Relay copies bytes between clients and a backend without parsing them. It costs what
// any hop through user space costs at least. Each client connection has a backend
// connection of its own. Backends is required.
type Relay struct {
	Backends Backends
	// Splice lets the kernel move the bytes if it can (Linux: TCP and Unix sockets).
	// This costs more for short messages and less for long ones. If false, the bytes
	// pass through a buffer.
	Splice bool
	// DialTimeout bounds connecting; zero means 10 s.
	DialTimeout time.Duration

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]struct{}
	lis    net.Listener
	wg     sync.WaitGroup
}

// Serve relays what l accepts until Close, and then returns http.ErrServerClosed.
func (r *Relay) Serve(l net.Listener) error {
	r.mu.Lock()
	r.lis = l
	closed := r.closed
	r.mu.Unlock()
	if closed {
		_ = l.Close()
		return http.ErrServerClosed
	}
	for {
		c, err := l.Accept()
		if err != nil {
			if r.isClosed() {
				return http.ErrServerClosed
			}
			if temporary(err) {
				time.Sleep(5 * time.Millisecond) // out of descriptors: no event tells when there are some
				continue
			}
			return fmt.Errorf("relay: %w", err)
		}
		if !r.add(c) {
			_ = c.Close()
			continue
		}
		r.wg.Go(func() { r.relay(c) })
	}
}

// temporary reports whether accepting may work again soon.
func temporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// Close stops accepting, breaks all connections and waits for their goroutines.
func (r *Relay) Close() error {
	r.mu.Lock()
	r.closed = true
	var err error
	if r.lis != nil {
		err = r.lis.Close()
	}
	for c := range r.open {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.wg.Wait()
	return err
}

func (r *Relay) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

func (r *Relay) add(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	if r.open == nil {
		r.open = make(map[net.Conn]struct{})
	}
	r.open[c] = struct{}{}
	return true
}

func (r *Relay) remove(c net.Conn) {
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
	_ = c.Close()
}

func (r *Relay) relay(client net.Conn) {
	defer r.remove(client)
	b := r.Backends.Ready()
	if b == nil {
		var err error
		if b, err = r.Backends.Start(context.Background()); err != nil {
			return
		}
	}
	app, err := net.DialTimeout(b.network(), b.Address, orDefault(r.DialTimeout, 10*time.Second))
	if err != nil || !r.add(app) {
		return
	}
	defer r.remove(app)
	move := copyBytes
	if r.Splice {
		move = splice
	}
	// The same plumbing as the forwarder's, or the difference to it would be that.
	var front, back rawio.Conn
	front.Init(client)
	back.Init(app)
	var wg sync.WaitGroup
	wg.Go(func() { move(&back, &front) })
	move(&front, &back)
	wg.Wait()
}

// splice lets the net package move the bytes until src ends or an error occurs.
func splice(dst, src *rawio.Conn) {
	_, _ = io.Copy(dst.NetConn(), src.NetConn())
	endWriting(dst.NetConn())
}

// copyBytes copies bytes until src ends or dst accepts no more, and then ends dst for
// writing.
func copyBytes(dst, src *rawio.Conn) {
	defer endWriting(dst.NetConn())
	buf := make([]byte, 16<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if _, err := dst.Write(buf[:n]); err != nil {
				_ = src.Close()
				return
			}
		}
		if err != nil {
			return
		}
	}
}
