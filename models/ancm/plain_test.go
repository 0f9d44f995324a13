package ancm

import (
	"bufio"
	"io"
	"net"
	"testing"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// The generator and the app of these tests live in the same process as what is
// measured, so they must not allocate either.

var plainRequest = []byte("GET /plaintext HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n")

var plainFields = []httpsys.Field{
	http1.Make([]byte("Content-Type"), []byte("text/plain")),
	http1.Make([]byte("X-Ancm-App-Pid"), []byte("1")),
}

var hello = []byte("Hello, World!")

// echoNatively answers without a managed request, so that only the front is measured.
var echoNatively = httpsys.HandlerFunc(func(x *httpsys.Exchange) {
	if x.WriteHead(200, plainFields, 13) == nil {
		_, _ = x.Write(hello)
	}
})

// startPlainOrigin answers every head with the same bytes and allocates nothing.
func startPlainOrigin(t testing.TB) *Backend {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Ancm-App-Pid: 1\r\nDate: Mon, 02 Jan 2006 15:04:05 GMT\r\nContent-Length: 13\r\n\r\nHello, World!")
	return startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		buf := make([]byte, 4096)
		for {
			n := 0
			for n < 4 || string(buf[n-4:n]) != "\r\n\r\n" {
				m, err := c.Read(buf[n:])
				if err != nil {
					return
				}
				n += m
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
}

// ask sends n plaintext requests over one connection, each after the answer to
// the one before.
func ask(t testing.TB, c net.Conn, length, n int) {
	buf := make([]byte, 4096)
	for range n {
		if _, err := c.Write(plainRequest); err != nil {
			t.Fatal(err)
		}
		if length == 0 {
			return
		}
		if _, err := io.ReadFull(c, buf[:length]); err != nil {
			t.Fatal(err)
		}
	}
}

// answerLength returns how long the server's answer to plainRequest is.
func answerLength(t testing.TB, c net.Conn) int {
	ask(t, c, 0, 1)
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
