package httpsys

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// CloseIdle ends the connections that wait for a request, and no other: neither one whose
// request is in progress, nor one that has sent a part of a head, and all of them and
// the new ones go on.
func TestCloseIdle(t *testing.T) {
	for _, kind := range []string{Lean, NetHTTP} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			if kind == Lean && !leanHere {
				t.Skip("there is no lean front here")
			}
			began, finish := make(chan struct{}), make(chan struct{})
			f, err := New(Options{Kind: kind, Handler: HandlerFunc(func(x *Exchange) {
				if x.Is(http.MethodPut) {
					close(began)
					<-finish
				}
				_ = x.WriteHead(200, nil, 0)
			})})
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = f.Serve(l) }() // ends with the test
			t.Cleanup(func() { _ = f.Close() })
			open := func(send string) (net.Conn, *bufio.Reader) {
				t.Helper()
				c, err := net.Dial("tcp", l.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				_ = c.SetDeadline(time.Now().Add(30 * time.Second))
				if _, err := io.WriteString(c, send); err != nil {
					t.Fatal(err)
				}
				return c, bufio.NewReader(c)
			}
			answered := func(what string, r *bufio.Reader) {
				t.Helper()
				if resp, err := http.ReadResponse(r, nil); err != nil || resp.StatusCode != 200 || resp.Close {
					t.Errorf("%s: %v, %v", what, resp, err)
				}
			}
			const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
			_, idle := open(get)
			answered("the idle one", idle)
			busyConn, busy := open("PUT / HTTP/1.1\r\nHost: a\r\n\r\n")
			<-began
			before := get
			if kind == NetHTTP {
				before = "" // it takes a kept connection for idle until its next head is whole
			}
			partConn, part := open(before + get[:20])
			if before != "" {
				answered("the one with a part of a head", part)
			}

			over, stop := context.WithTimeout(t.Context(), 30*time.Second)
			defer stop()
			ended := make(chan error, 1)
			go func() {
				_, err := idle.ReadByte()
				ended <- err
			}()
			for closed := false; !closed; { // net/http marks a connection as idle a moment after its answer
				f.CloseIdle()
				select {
				case err := <-ended:
					if closed = true; err != io.EOF {
						t.Errorf("the idle one: %v, want its end", err)
					}
				case <-time.After(10 * time.Millisecond):
				case <-over.Done():
					t.Fatal("the idle one is still open")
				}
			}
			close(finish)
			answered("the busy one", busy)
			for _, c := range []struct {
				net.Conn
				in         *bufio.Reader
				what, rest string
			}{{busyConn, busy, "behind the busy one", get}, {partConn, part, "the rest of the head", get[20:]}} {
				if _, err := fmt.Fprint(c, c.rest); err != nil {
					t.Fatal(err)
				}
				answered(c.what, c.in)
			}
			_, fresh := open(get)
			answered("a new one", fresh)
		})
	}
}
