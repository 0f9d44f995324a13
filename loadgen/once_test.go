package loadgen_test

import (
	"bufio"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/loadgen"
)

// Once speaks what the target says, and trusts whom it says.
func TestOnce(t *testing.T) {
	for _, c := range []struct {
		name, protocol, want string
		tls                  bool
	}{
		{"http", "", "HTTP/1.1", false},
		{"https", "http/1.1", "HTTP/1.1", true},
		{"h2", "h2", "HTTP/2.0", true},
		{"h2c", "h2c", "HTTP/2.0", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Proto != c.want {
					w.WriteHeader(http.StatusHTTPVersionNotSupported)
				}
			}))
			s.Config.Protocols = new(http.Protocols)
			s.Config.Protocols.SetHTTP1(true)
			s.Config.Protocols.SetHTTP2(true)
			s.Config.Protocols.SetUnencryptedHTTP2(true)
			s.EnableHTTP2 = true
			target := ancmbench.Target{Name: c.name, Protocol: c.protocol, Address: s.Listener.Addr().String(),
				Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
			if c.tls {
				s.StartTLS()
				target.Scheme = "https"
				target.Roots = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
			} else {
				s.Start()
			}
			defer s.Close()
			took, err := loadgen.Once(t.Context(), target)
			if err != nil || took <= 0 {
				t.Errorf("%v, %v", took, err)
			}
			target.Expect.Status = 204
			if _, err := loadgen.Once(t.Context(), target); err == nil || !strings.Contains(err.Error(), "status 200 where 204") {
				t.Errorf("a wrong answer: %v", err)
			}
			if c.tls {
				target.Roots = nil
				if _, err := loadgen.Once(t.Context(), target); err == nil || !strings.Contains(err.Error(), "certificate") {
					t.Errorf("nobody vouches for the server: %v", err)
				}
				target.Roots = []byte("no PEM")
				if _, err := loadgen.Once(t.Context(), target); err == nil || !strings.Contains(err.Error(), "no certificate in PEM") {
					t.Errorf("roots that are none: %v", err)
				}
			}
		})
	}
}

// Once takes no more for an answer than the engines do, and ends where one has no end.
func TestOnceIsStrict(t *testing.T) {
	for _, c := range []struct{ answer, endless, want string }{
		{"HTTP/1.1 200 OK\r\n", "A: b\r\n", "malformed answer: head longer"},
		{"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "", "malformed answer: a line without CRLF"},
		{"HTTP/1.1 204 No Content\r\n\r\nhello", "", "malformed answer: bytes that no request"},
		{"HTTP/1.1 101 Switching Protocols\r\n\r\n", "x", "status 101 where a 2xx was expected"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 ;a=b\r\nhello\r\n0\r\n\r\n", "", ""},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			http.ReadRequest(bufio.NewReader(conn))
			_, err = io.WriteString(conn, c.answer)
			for err == nil && c.endless != "" {
				_, err = io.WriteString(conn, strings.Repeat(c.endless, 1000))
			}
			io.Copy(io.Discard, conn)
		}()
		_, err = loadgen.Once(t.Context(), ancmbench.Target{Address: l.Addr().String(),
			Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}})
		l.Close()
		<-ended
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: %v, want %q", c.answer, err, c.want)
		}
	}
}
