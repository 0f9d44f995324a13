//go:build clr && linux && amd64 && cgo

package clr

import (
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"

	"ancmbench/models/httpsys"
)

var dateLine = regexp.MustCompile(`Date: [^\r]*`)

// What the app's thread sends is byte for byte what the front would have written.
func TestSentAnswersAreTheFronts(t *testing.T) {
	clean(t)
	a := app(t)
	defer a.transport(Rings)
	at := front(t, httpsys.Options{Fields: []httpsys.Field{{Name: []byte("X-Ancm-Model"), Value: []byte("in-process")}, {Name: []byte("X-Ancm-Front-Pid"), Value: []byte("7")}}})
	request := func(line, fields string) string { return line + "\r\nHost: a\r\n" + fields + "\r\n" }
	for _, c := range []struct {
		name, said string
		sent       uint64 // answers that the app's thread sends
	}{
		{"small", request("GET /hello HTTP/1.1", ""), 1},
		{"two in one", request("GET /hello HTTP/1.1", "") + request("GET /big/9 HTTP/1.1", ""), 2},
		{"own reason", request("GET /reason HTTP/1.1", ""), 1},
		{"a body that was read", request("POST /sink HTTP/1.1", "Content-Length: 5\r\n") + "12345", 1},
		{"a body that the app leaves", request("POST /hello HTTP/1.1", "Content-Length: 5\r\n") + "12345", 1},
		{"a body that has not come", request("POST /hello HTTP/1.1", "Content-Length: 5\r\n") + "123", 0},
		{"no reason phrase", request("GET /nothing HTTP/1.1", ""), 0},
		{"16 KiB", request("GET /big/16384 HTTP/1.1", ""), 1},
		{"more than that", request("GET /big/16385 HTTP/1.1", ""), 0},
		{"a long head", request("GET /fields HTTP/1.1", ""), 0},
		{"no length", request("GET /stream/0 HTTP/1.1", ""), 0},
		{"no body", request("GET /204 HTTP/1.1", ""), 0},
		{"HEAD", request("HEAD /hello HTTP/1.1", ""), 0},
		{"HTTP/1.0", request("GET /hello HTTP/1.0", ""), 0},
		{"the last", request("GET /hello HTTP/1.1", "Connection: close\r\n"), 0},
	} {
		var got [2]string
		for i, name := range []string{Direct, Send} {
			a.transport(name)
			before := a.Counts().Sent
			conn, err := net.Dial("tcp", at)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(conn, c.said)
			_ = conn.(*net.TCPConn).CloseWrite()
			b, _ := io.ReadAll(conn) // a broken answer ends with a reset
			conn.Close()
			got[i] = dateLine.ReplaceAllString(string(b), "Date: now")
			until(t, "the request is over", func() bool { return a.Counts().InFlight == 0 })
			if n := a.Counts().Sent - before; name == Send && n != c.sent || name == Direct && n != 0 {
				t.Errorf("%s, %s: %d answers were sent by the app's thread, want %d", c.name, name, n, c.sent)
			}
		}
		if got[0] != got[1] || got[0] == "" {
			t.Errorf("%s: the front writes\n%.300q\nand the app's thread\n%.300q", c.name, got[0], got[1])
		}
	}
}

// A client that does not read keeps nothing back from others, and has all of its answers
// once it reads.
func TestSendToASlowClient(t *testing.T) {
	clean(t)
	a := app(t)
	a.transport(Send)
	defer a.transport(Rings)
	at := front(t, httpsys.Options{})
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	const requests = 1000 // 16 MB, more than the socket takes
	go func() {
		_, _ = io.WriteString(conn, strings.Repeat("GET /big/16000 HTTP/1.1\r\nHost: a\r\n\r\n", requests-1)+"GET /big/16000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	}()
	until(t, "the socket is full", func() bool { before := a.Counts().Sent; other(t, at); return a.Counts().Sent == before+1 })
	b, err := io.ReadAll(conn)
	want := string(patternOf(16000))
	if n := strings.Count(string(b), "\r\n\r\n"+want); err != nil || n != requests || strings.Count(string(b), "HTTP/1.1 200 OK\r\n") != requests {
		t.Errorf("%d whole answers of %d: %v", n, requests, err)
	}
}

// other asks for something else on another connection, and takes the answer.
func other(t *testing.T, at string) {
	t.Helper()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
	readUntil(t, c, "Hello, World!")
}
