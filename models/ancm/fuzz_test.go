package ancm

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	corpora "ancmbench/models/hostile"
	"ancmbench/models/httpsys"
)

// FuzzAnswer lets an app answer with any bytes and then close. The client gets an
// answer or a broken connection, and never waits for ever. A complete answer is a
// 502.3, or the one that net/http would have read from the app.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\nuntil the end",
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\nmore",
		"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Length: 1\n\na",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX-Ancm-Model: forged\r\nConnection: X-A, close\r\nX-A: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nabc",
		"", "\r\n\r\n", "HTTP/1.1 ",
	} {
		f.Add([]byte(s))
	}
	for _, a := range corpora.Answers() {
		f.Add([]byte(a.Bytes))
	}
	var answer atomic.Pointer[[]byte]
	b := startOrigin(f, func(c net.Conn, r *bufio.Reader) {
		if _, err := readHead(r); err == nil {
			_, _ = c.Write(*answer.Load())
		}
	})
	kinds := frontKinds()
	address := startFront(f, kinds[len(kinds)-1], &Forwarder{Backends: Fixed(b), NoReuse: true, Timeout: 5 * time.Second}, func(o *httpsys.Options) { o.Panicked = failed(f) })
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 64<<10 {
			return
		}
		answer.Store(&in)
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(4 * time.Second))
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		all, err := io.ReadAll(c)
		if n, ok := err.(net.Error); ok && n.Timeout() {
			t.Fatalf("%q: no end", in)
		}
		got, body, ok := finalResponse(all)
		if !ok || got.StatusCode == 502 {
			return
		}
		want, wantBody, ok := finalResponse(in)
		if !ok {
			t.Fatalf("%q: the client got a whole %d, net/http sees none", in, got.StatusCode)
		}
		if got.StatusCode != want.StatusCode || !bytes.Equal(body, wantBody) {
			t.Fatalf("%q:\n got %d %q\nwant %d %q", in, got.StatusCode, body, want.StatusCode, wantBody)
		}
		if got.Header.Get("X-Ancm-Model") != "test" {
			t.Fatalf("%q: served by %q", in, got.Header["X-Ancm-Model"])
		}
	})
}

// failed makes a handler's panic a failure of the test.
func failed(t testing.TB) func(any, []byte) {
	return func(v any, stack []byte) { t.Errorf("a handler panicked: %v\n%s", v, stack) }
}

// finalResponse reads the first response that is not informational; ok is false
// if there is none, or not all of it.
func finalResponse(b []byte) (resp *http.Response, body []byte, ok bool) {
	r := bufio.NewReader(bytes.NewReader(b))
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: "GET"})
		if err != nil {
			return nil, nil, false
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil, nil, false
		}
		if resp.StatusCode >= 200 || resp.StatusCode == 101 {
			return resp, body, true
		}
	}
}

// FuzzRequest lets a client send any bytes to the lean front. It gets complete
// responses and then the end of the connection, and never waits for ever. The app is
// called at most once for each answer.
func FuzzRequest(f *testing.F) {
	kinds := frontKinds()
	if len(kinds) < 2 {
		f.Skip("no lean front on this system")
	}
	for _, tc := range corpus {
		if len(tc.input) < 2000 {
			f.Add([]byte(tc.input))
		}
	}
	for _, r := range corpora.Requests() {
		if len(r.Input) < 2000 {
			f.Add([]byte(r.Input))
		}
	}
	var calls atomic.Int64
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.Copy(w, r.Body)
	})
	address := startFront(f, httpsys.Lean, &InProcess{Handler: app}, func(o *httpsys.Options) { o.Panicked = failed(f) })
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 64<<10 {
			return
		}
		calls.Store(0)
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(4 * time.Second))
		_, _ = c.Write(in)
		_ = c.(*net.TCPConn).CloseWrite()
		all, err := io.ReadAll(c)
		if n, ok := err.(net.Error); ok && n.Timeout() {
			t.Fatalf("%q: no end", in)
		}
		if err != nil {
			return // reset: what was answered may be lost
		}
		r := bufio.NewReader(bytes.NewReader(all))
		answers := int64(0)
		for {
			resp, err := http.ReadResponse(r, nil)
			if err != nil {
				break
			}
			if resp.StatusCode >= 200 {
				answers++
			}
			if _, err := io.ReadAll(resp.Body); err != nil {
				break // cut, because the client has gone
			}
		}
		if n := calls.Load(); n > answers+1 { // one may be cut off before its answer
			t.Fatalf("%q: %d calls, %d answers: %q", in, n, answers, all)
		}
	})
}
