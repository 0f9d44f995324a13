package httpsys

import (
	"crypto/tls"
	"net"
	"time"
)

// Bounds of linger: how long it may last in all, and how long the client may say
// nothing. They are those of nginx's lingering_time and lingering_timeout.
const (
	lingerTime  = 30 * time.Second
	lingerPause = 5 * time.Second
)

// Bounds of what is taken, and thrown away, of a body that the handler has left
// unread, so that the connection can go on: a little more than the largest body
// that the app accepts by default, and as long a pause as Kestrel allows.
const (
	discardBytes    = 32 << 20
	discardPatience = 5 * time.Second
)

// linger ends a connection for writing and takes what the client is still sending
// for a while, into buf: closing with unread bytes would reset the connection, and
// take the response from a client that has not read it yet (RFC 9112, 9.6).
func linger(c net.Conn, buf []byte) {
	if t, ok := c.(*tls.Conn); ok {
		_ = t.CloseWrite() // fails if the client has gone: what follows will tell
		c = t.NetConn()
	}
	w, ok := c.(interface{ CloseWrite() error })
	if !ok || w.CloseWrite() != nil {
		return
	}
	for end := time.Now().Add(lingerTime); ; {
		now := time.Now()
		if !now.Before(end) {
			return
		}
		_ = c.SetReadDeadline(earlier(now.Add(lingerPause), end))
		if _, err := c.Read(buf); err != nil {
			return
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// socketOf returns the connection under TLS, or c itself.
func socketOf(c net.Conn) net.Conn {
	if t, ok := c.(*tls.Conn); ok {
		return t.NetConn()
	}
	return c
}
