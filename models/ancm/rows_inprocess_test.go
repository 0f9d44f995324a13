package ancm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
)

func TestInProcess(t *testing.T) {
	t.Run("IP-03_app_sees_the_client_itself", func(t *testing.T) { eachFront(t, testInProcessClient) })
	t.Run("IP-04_disconnect_cancels", func(t *testing.T) {
		eachFront(t, func(t *testing.T, kind string) {
			testGone(t, func(h http.Handler) string { return startModel(t, "in-process", kind, h) })
		})
	})
}

func testInProcessClient(t *testing.T, kind string) {
	who, c := whoami(t, startModel(t, "in-process", kind, nil), "X-One: 1\r\nx-two: a\r\nX-Two: b\r\n")
	want := fmt.Sprint(c.LocalAddr(), " http site.example HTTP/1.1 GET /whoami?a=%20b /whoami 0")
	if got := fmt.Sprint(who.RemoteAddr, " ", who.Scheme, " ", who.Host, " ", who.Proto, " ", who.Method, " ", who.URI, " ", who.Path, " ", who.Length); got != want {
		t.Errorf("the app sees %s, want %s", got, want)
	}
	if got := fmt.Sprint(who.Header["X-One"], who.Header["X-Two"]); got != "[1] [a b]" {
		t.Errorf("fields %s", got)
	}
	if len(who.Header) != 2 {
		t.Errorf("the app sees fields that nobody sent: %v", who.Header)
	}
}

func TestBoth(t *testing.T) {
	t.Run("BM-02_substatus", func(t *testing.T) { eachFront(t, testSubstatus) })
	t.Run("BM-06_limits", func(t *testing.T) { eachFront(t, testLimits) })
}

// Status and sub-status are in the response and in the log, also when the
// response had begun.
func testSubstatus(t *testing.T, kind string) {
	logged := make(chan string, 1)
	log := func(o *httpsys.Options) {
		o.Log = func(x *httpsys.Exchange, took time.Duration) {
			logged <- fmt.Sprint(string(x.Method), " ", x.Status(), " ", x.Substatus(), " ", x.Sent(), " ", took > 0)
		}
	}
	address := startFront(t, kind, &Forwarder{Backends: never{errors.New("x")}}, log)
	if status, code, _ := statusOf(t, address); status != 502 || code != "502.5" {
		t.Errorf("%d, X-Ancm-Error %q", status, code)
	}
	if got := <-logged; got != "GET 502 5 0 true" {
		t.Errorf("logged %q", got)
	}
	cut := startAnswers(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true)
	address = startFront(t, kind, &Forwarder{Backends: Fixed(cut)}, log)
	if resp, err := client(t).Get("http://" + address); err == nil {
		_, _ = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if got := <-logged; got != "GET 200 3 3 true" {
		t.Errorf("logged %q for half a body", got)
	}
	address = startFront(t, kind, &InProcess{Handler: app.Handler()}, log)
	if status, code, _ := statusOf(t, address); status != 200 || code != "" {
		t.Errorf("%d, X-Ancm-Error %q", status, code)
	}
	if got := <-logged; got != "GET 200 0 13 true" && got != "GET 200 0 13 false" {
		t.Errorf("logged %q", got)
	}
}

func testLimits(t *testing.T, kind string) {
	h := &InProcess{Handler: wholeBody(app.Handler()), MaxBody: 1000}
	address := startFront(t, kind, h, func(o *httpsys.Options) { o.HeadTimeout = 100 * time.Millisecond })
	long := strings.Repeat("a", 70_000)
	cases := []struct {
		name, request string
		status        int
	}{
		{"a head that fits", "GET /plaintext HTTP/1.1\r\nHost: a\r\nA: " + long[:60_000] + "\r\n\r\n", 200},
		{"head too large", "GET /plaintext HTTP/1.1\r\nHost: a\r\nA: " + long + "\r\n\r\n", 431},
		{"many fields", "GET /plaintext HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("A: b\r\n", 12_000) + "\r\n", 431},
		{"no HTTP", "hello\r\n\r\n", 400},
		{"body too large", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413},
		{"a body that fits", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + long[:1000], 200},
		{"chunks too large", "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + long[:1001] + "\r\n0\r\n\r\n", 413},
	}
	for _, tc := range cases {
		resp, _ := sendRaw(t, address, tc.request)
		if resp.StatusCode != tc.status {
			t.Errorf("%s: status %d, want %d", tc.name, resp.StatusCode, tc.status)
		}
	}
	// A head that never ends is answered, a connection without one is not.
	c := dial(t, address)
	_, _ = io.WriteString(c, "GET /plaintext HTTP/1.1\r\nHo")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	switch {
	case kind == httpsys.NetHTTP && err == nil && resp.StatusCode == 400:
		// net/http tells a late head from a broken one by no status.
	case err != nil || resp.StatusCode != 408:
		t.Errorf("unfinished head: %v, %v; want 408", resp, err)
	}
}

// wholeBody answers /whole with 413 when the body does not fit, as an app would
// that reads all of it first.
func wholeBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/whole" {
			next.ServeHTTP(w, r)
			return
		}
		_, err := io.ReadAll(r.Body)
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})
}

// Shutdown ends idle connections and lets a request that has begun come to its end.
func TestShutdown(t *testing.T) {
	eachFront(t, func(t *testing.T, kind string) {
		entered, release := make(chan struct{}), make(chan struct{})
		f, err := httpsys.New(httpsys.Options{Kind: kind, Handler: &InProcess{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/wait" {
				entered <- struct{}{}
				<-release
				if body, err := io.ReadAll(r.Body); string(body) != "body" || err != nil {
					t.Errorf("the body that came late: %q, %v", body, err)
				}
			}
			_, _ = io.WriteString(w, "done")
		})}})
		if err != nil {
			t.Fatal(err)
		}
		l := listen(t)
		served := make(chan error, 1)
		go func() { served <- f.Serve(l) }()
		idle := dial(t, l.Addr().String())
		_, _ = io.WriteString(idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		idleReader := bufio.NewReader(idle)
		if resp, err := http.ReadResponse(idleReader, nil); err != nil || resp.ContentLength != 4 {
			t.Fatal(resp, err)
		}
		_, _ = io.CopyN(io.Discard, idleReader, 4)
		busy := dial(t, l.Addr().String())
		_, _ = io.WriteString(busy, "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
		<-entered
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if err := f.Shutdown(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown with a request in progress: %v", err)
		}
		if err := <-served; !errors.Is(err, httpsys.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
		if _, err := idleReader.ReadByte(); err != io.EOF {
			t.Errorf("idle connection: %v, want its end", err)
		}
		if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
			t.Error("still accepting")
		}
		close(release)
		_, _ = io.WriteString(busy, "body")
		if err := f.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(busy), nil)
		if err != nil || resp.StatusCode != 200 {
			t.Errorf("the request that had begun: %v, %v", resp, err)
		}
	})
}
