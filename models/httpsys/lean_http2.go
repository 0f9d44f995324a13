//go:build !windows

package httpsys

import (
	"context"
	"crypto/tls"
	"net"
	"slices"
	"sync"
)

// preface is the part of HTTP/2's client preface that looks like the head of a
// request (RFC 9113, 3.4).
const preface = "PRI * HTTP/2.0\r\n\r\n"

func isPreface(head []byte) bool { return string(head) == preface }

// speakHTTP2 lets net/http serve the clients that speak HTTP/2.
func (f *lean) speakHTTP2() {
	o := f.o
	if o.TLSConfig != nil {
		f.tls = o.TLSConfig.Clone()
		for _, protocol := range []string{"h2", "http/1.1"} {
			if !slices.Contains(f.tls.NextProtos, protocol) {
				f.tls.NextProtos = append(f.tls.NextProtos, protocol)
			}
		}
		o.TLSConfig = f.tls
	}
	f.h2 = &handedOver{netFront: newNetFront(o), conns: make(chan net.Conn), ended: make(chan struct{})}
}

// greet completes the TLS handshake of a connection that is outside, and hands it to the
// server of its protocol.
func (f *lean) greet(nc net.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), f.o.HeadTimeout)
	defer cancel()
	secure := tls.Server(nc, f.tls)
	var c *leanConn
	switch err := secure.HandshakeContext(ctx); {
	case err != nil:
		_ = nc.Close()
	case secure.ConnectionState().NegotiatedProtocol == "h2":
		f.h2.hand(secure)
	default:
		c = f.begin(secure)
	}
	f.comeBack(nc) // not before another knows it: a Shutdown would close it
	if c != nil {
		c.serve()
	}
}

// handOver passes the connection to net/http, with the bytes that were read from it.
func (c *leanConn) handOver() {
	c.hijacked = true
	c.front.remove(c)
	c.conn.Restore()
	c.front.h2.hand(&unread{Conn: c.conn.NetConn(), read: append([]byte(nil), c.in[c.r:c.w]...)})
}

// handedOver is a net/http front that gets its connections one by one.
type handedOver struct {
	*netFront
	conns chan net.Conn
	begun sync.Once
	once  sync.Once
	ended chan struct{}
}

func (h *handedOver) start() {
	h.begun.Do(func() {
		go func() { _ = h.server.Serve(h) }() // ends with the front
	})
}

// hand passes nc to net/http, or closes it if the front has ended.
func (h *handedOver) hand(nc net.Conn) {
	select {
	case h.conns <- nc:
	case <-h.ended:
		_ = nc.Close()
	}
}

// Accept, Close and Addr make it the net.Listener of its own server.
func (h *handedOver) Accept() (net.Conn, error) {
	select {
	case nc := <-h.conns:
		return nc, nil
	case <-h.ended:
		return nil, net.ErrClosed
	}
}

// Addr returns an address without meaning: connections come from several listeners.
func (h *handedOver) Addr() net.Addr { return &net.TCPAddr{} }

// Close ends it as a listener; breakOff and Shutdown end its connections too.
func (h *handedOver) Close() error {
	h.once.Do(func() { close(h.ended) })
	return nil
}

// Shutdown lets the streams in progress come to their end.
func (h *handedOver) Shutdown(ctx context.Context) error {
	_ = h.Close()
	return h.netFront.Shutdown(ctx)
}

// breakOff breaks every connection.
func (h *handedOver) breakOff() error {
	_ = h.Close()
	return h.server.Close()
}

// unread is a connection of which some bytes were read already.
type unread struct {
	net.Conn
	read []byte
}

func (u *unread) Read(p []byte) (int, error) {
	if len(u.read) == 0 {
		return u.Conn.Read(p)
	}
	n := copy(p, u.read)
	u.read = u.read[n:]
	return n, nil
}
