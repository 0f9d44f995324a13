package ancm

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// getBody returns status and body of one request.
func getBody(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := client(t).Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, string(body)
}

// A connection on which the app has sent more than its answer is not used again: the
// next client would get the rest as its answer.
func TestConnectionWithUnsolicitedBytesIsDropped(t *testing.T) {
	eachFront(t, func(t *testing.T, kind string) {
		var conns atomic.Int64
		b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
			conns.Add(1)
			for {
				if _, err := readHead(r); err != nil {
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
			}
		})
		address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
		for range 5 {
			if status, body := getBody(t, address); status != 200 || body != "ok" {
				t.Errorf("%d %q", status, body)
			}
		}
		if n := conns.Load(); n != 5 {
			t.Errorf("%d connections for 5 requests", n)
		}
	})
}

// A retired backend keeps no idle connection. Another one keeps at most MaxIdle.
func TestRetire(t *testing.T) {
	b := startPlainOrigin(t)
	f := &Forwarder{Backends: Fixed(b), MaxIdle: 1}
	address := startFront(t, httpsysKind(), f)
	idle := func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.idle)
	}
	for range 3 {
		if status, _ := getBody(t, address); status != 200 {
			t.Fatal(status)
		}
	}
	if n := idle(); n != 1 || b.Busy() != 0 {
		t.Errorf("%d idle connections, %d busy; want 1, 0", n, b.Busy())
	}
	b.Retire()
	if n := idle(); n != 0 {
		t.Errorf("%d idle connections after Retire", n)
	}
	if status, _ := getBody(t, address); status != 200 || idle() != 0 {
		t.Errorf("a request that was on its way: %d, and %d idle connections", status, idle())
	}
}

func httpsysKind() string { return frontKinds()[len(frontKinds())-1] }

// After a wrongly framed request the connection ends, and the answer says so.
func TestWronglyFramedRequestCloses(t *testing.T) {
	eachModel(t, func(t *testing.T, model, kind string) {
		if model == "reverseproxy" {
			t.Skip("ReverseProxy answers 502")
		}
		address := startModel(t, model, kind, nil)
		resp, _ := sendRaw(t, address, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
		if resp.StatusCode != http.StatusBadRequest || !resp.Close {
			t.Errorf("status %d, close %v", resp.StatusCode, resp.Close)
		}
		resp, _ = sendRaw(t, address, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
		if body, _ := io.ReadAll(resp.Body); resp.Close || strings.TrimSpace(string(body)) != "abc" {
			t.Errorf("a right one: close %v, %q", resp.Close, body)
		}
	})
}
