package httpsys

import (
	"net"
	"time"
)

// Bounds of linger.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// linger ends a connection for writing and takes what the client is still sending
// for a while, into buf: closing with unread bytes would reset the connection, and
// take the response from a client that has not read it yet (RFC 9112, 9.6).
func linger(c net.Conn, buf []byte) {
	w, ok := c.(interface{ CloseWrite() error })
	if !ok || w.CloseWrite() != nil {
		return
	}
	_ = c.SetReadDeadline(time.Now().Add(lingerTime))
	for taken := 0; taken < lingerBytes; {
		n, err := c.Read(buf)
		taken += n
		if err != nil {
			return
		}
	}
}
