package ancm

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ancmbench/models/httpsys"
)

// requestTimeout is a limit of each step, not of the exchange (CF-07), and a failure
// says which of the kinds of 502.3 it was (OP-15).
func TestOutOfProcessSteps(t *testing.T) {
	t.Run("CF-07_each_step_has_its_own_limit", func(t *testing.T) { eachFront(t, testStepLimits) })
	t.Run("OP-15_which_kind_of_502.3", func(t *testing.T) { eachFront(t, testReasons) })
}

// drip sends a request whose body takes several times as long as the limit.
func drip(t *testing.T, address string, framing string, piece string, pieces int, every time.Duration) *http.Response {
	t.Helper()
	c := dial(t, address)
	_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", framing)
	go func() {
		for range pieces {
			time.Sleep(every) // the client's own pace is what this is about
			if _, err := io.WriteString(c, piece); err != nil {
				return
			}
		}
		if strings.HasPrefix(framing, "Transfer") {
			_, _ = io.WriteString(c, "0\r\n\r\n")
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func testStepLimits(t *testing.T, kind string) {
	t.Parallel()
	const limit = 400 * time.Millisecond
	// The app reads all, waits for less than the limit, and answers in two pieces with
	// less than the limit in between: longer than it in all.
	b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			body, err := io.ReadAll(q.Body)
			if err != nil {
				return
			}
			time.Sleep(limit / 2)
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
			for range 4 {
				time.Sleep(limit / 2)
				_, _ = io.WriteString(c, "ab")
			}
			time.Sleep(limit / 2)
			_, _ = fmt.Fprintf(c, "%02d", len(body))
		}
	})
	address := startFront(t, kind, &Forwarder{Backends: Fixed(b), Timeout: limit})
	for _, framing := range []string{"Content-Length: 30", "Transfer-Encoding: chunked"} {
		piece := "xxx"
		if framing != "Content-Length: 30" {
			piece = "3\r\nxxx\r\n"
		}
		resp := drip(t, address, framing, piece, 10, limit/4)
		got, err := io.ReadAll(resp.Body)
		if resp.StatusCode != 200 || string(got) != "abababab30" || err != nil {
			t.Errorf("%s: %d %q %s, %v", framing, resp.StatusCode, got, resp.Header.Get("X-Ancm-Error"), err)
		}
	}
}

func testReasons(t *testing.T, kind string) {
	gone := listen(t)
	refused := &Backend{Address: gone.Addr().String()}
	_ = gone.Close()
	sends := func(bytes string) *Backend { return startAnswers(t, bytes, true) }
	silent := startOrigin(t, func(c net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	deaf := startOrigin(t, func(c net.Conn, r *bufio.Reader) { _, _ = r.Peek(1); <-over })
	for _, tc := range []struct {
		name    string
		backend *Backend
		body    int
		want    string
	}{
		{"nobody listens", refused, 0, "502.3 refused"},
		{"closed", sends(""), 0, "502.3 reset"},
		{"half a head", sends("HTTP/1.1 200 OK\r\nContent-"), 0, "502.3 reset"},
		{"no HTTP", sends("220 smtp ready\r\n\r\n"), 0, "502.3 malformed answer"},
		{"two lengths", sends("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 0, "502.3 malformed answer"},
		{"101 unasked", sends("HTTP/1.1 101 Switching Protocols\r\n\r\n"), 0, "502.3 malformed answer"},
		{"endless 1xx", sends(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100)), 0, "502.3 malformed answer"},
		{"silent", silent, 0, "502.3 time limit (waiting for the answer)"},
		{"silent after a body", silent, 100_000, "502.3 time limit (waiting for the answer)"},
		{"reads nothing", deaf, 30 << 20, "502.3 time limit (sending the request)"},
	} {
		address := startFront(t, kind, &Forwarder{Backends: Fixed(tc.backend), Timeout: 300 * time.Millisecond})
		r, _ := http.NewRequest("POST", "http://"+address, strings.NewReader(strings.Repeat("x", tc.body)))
		resp, err := client(t).Do(r)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("X-Ancm-Error"); got != tc.want {
			t.Errorf("%s: %d, %q; want %q", tc.name, resp.StatusCode, got, tc.want)
		}
	}
	t.Run("within_the_answer", func(t *testing.T) {
		logged := make(chan error, 1)
		b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
			if _, err := readHead(r); err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
				_, _ = io.Copy(io.Discard, r)
			}
		})
		address := startFront(t, kind, &Forwarder{Backends: Fixed(b), Timeout: 100 * time.Millisecond}, func(o *httpsys.Options) {
			o.Log = func(x *httpsys.Exchange, _ time.Duration) { logged <- x.Fault() }
		})
		resp, err := client(t).Get("http://" + address)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if err == nil {
			t.Error("half an answer looks whole")
		}
		if err := <-logged; err == nil || !strings.HasPrefix(err.Error(), "time limit (within the answer)") {
			t.Errorf("logged %v", err)
		}
	})
}
