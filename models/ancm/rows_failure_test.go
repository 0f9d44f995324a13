package ancm

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
)

func testPairing(t *testing.T, kind string) {
	b := startApp(t, app.Handler())
	for _, fields := range []string{"", "MS-ASPNETCORE-TOKEN: wrong\r\n", "MS-ASPNETCORE-TOKEN: \r\n",
		"MS-ASPNETCORE-TOKEN: " + testToken + "\r\nMS-ASPNETCORE-TOKEN: " + testToken + "\r\n"} {
		resp, _ := sendRaw(t, b.Address, "GET /plaintext HTTP/1.1\r\nHost: a\r\n"+fields+"\r\n")
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode != 400 || len(body) > 0 {
			t.Errorf("with %q: status %d, %d bytes; want 400 and none", fields, resp.StatusCode, len(body))
		}
	}
	resp, _ := sendRaw(t, startFront(t, kind, &Forwarder{Backends: Fixed(b)}), "GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n")
	if resp.StatusCode != 200 {
		t.Errorf("through the module: status %d", resp.StatusCode)
	}
}

func whoami(t *testing.T, address, fields string) (app.Request, net.Conn) {
	t.Helper()
	resp, c := sendRaw(t, address, "GET /whoami?a=%20b HTTP/1.1\r\nHost: site.example\r\n"+fields+"\r\n")
	var who app.Request
	if err := json.NewDecoder(resp.Body).Decode(&who); err != nil {
		t.Fatal(err)
	}
	return who, c
}

func testAppSeesClient(t *testing.T, kind string) {
	address := startModel(t, "out-of-process", kind, nil)
	who, c := whoami(t, address, "X-Forwarded-For: 10.1.1.1\r\nX-Forwarded-Proto: https\r\n")
	if who.RemoteAddr != c.LocalAddr().String() || who.Scheme != "http" || who.Host != "site.example" {
		t.Errorf("the app sees %s, %s, %s; the client is %s", who.RemoteAddr, who.Scheme, who.Host, c.LocalAddr())
	}
	for name, want := range map[string]string{"X-Forwarded-For": "[10.1.1.1]", "X-Forwarded-Proto": "[https]", "X-Original-Proto": "[http]", "Ms-Aspnetcore-Token": "[]"} {
		if got := fmt.Sprint(who.Header[name]); got != want {
			t.Errorf("%s = %s, want %s", name, got, want)
		}
	}
	if v := who.Header["X-Original-For"]; len(v) != 1 || !strings.HasPrefix(v[0], "127.0.0.1:") {
		t.Errorf("X-Original-For = %q, want the module's own address", v)
	}
}

// statusOf returns status, the numbers in X-Ancm-Error, and the body of /plaintext.
func statusOf(t *testing.T, address string) (int, string, string) {
	t.Helper()
	resp, err := client(t).Get("http://" + address + "/plaintext")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	code, _, _ := strings.Cut(resp.Header.Get("X-Ancm-Error"), " ")
	return resp.StatusCode, code, string(body)
}

func testFailures(t *testing.T, kind string) {
	gone := listen(t)
	refused := &Backend{Address: gone.Addr().String()}
	_ = gone.Close()
	sends := func(bytes string) Backends { return Fixed(startAnswers(t, bytes, true)) }
	cases := []struct {
		name     string
		backends Backends
		status   int
		errorIs  string
	}{
		{"refused", Fixed(refused), 502, "502.3"},
		{"closed", sends(""), 502, "502.3"},
		{"half a head", sends("HTTP/1.1 200 OK\r\nContent-"), 502, "502.3"},
		{"no HTTP", sends("220 smtp ready\r\n\r\n"), 502, "502.3"},
		{"two lengths", sends("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 502, "502.3"},
		{"length and chunks", sends("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 502, "502.3"},
		{"bare line feeds", sends("HTTP/1.1 200 OK\nContent-Length: 0\n\n"), 502, "502.3"},
		{"endless head", sends("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 100_000)), 502, "502.3"},
		{"101 unasked", sends("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), 502, "502.3"},
		{"silent", Fixed(startOrigin(t, func(c net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) })), 502, "502.3"},
		{"start failed", never{errors.New("no such program")}, 502, "502.5"},
		{"start failed with page", never{StartFailed(errors.New("x"), "text/html", []byte("<p>page"))}, 502, "502.5"},
		{"stopping", never{Stopping()}, 503, "503"},
	}
	for _, tc := range cases {
		logged := make(chan string, 1)
		address := startFront(t, kind, &Forwarder{Backends: tc.backends, Timeout: 100 * time.Millisecond}, func(o *httpsys.Options) {
			o.Log = func(x *httpsys.Exchange, _ time.Duration) {
				logged <- fmt.Sprint(x.Status(), ".", x.Substatus(), " ", x.Fault() != nil)
			}
		})
		status, code, body := statusOf(t, address)
		if status != tc.status || code != tc.errorIs {
			t.Errorf("%s: %d, X-Ancm-Error %q; want %d, %q", tc.name, status, code, tc.status, tc.errorIs)
		}
		if want := tc.name == "start failed with page"; (body == "<p>page") != want {
			t.Errorf("%s: body %q", tc.name, body)
		}
		want := tc.errorIs
		if !strings.Contains(want, ".") {
			want += ".0"
		}
		if got := strings.ReplaceAll(<-logged, " ", ""); got != strings.ReplaceAll(want, " ", "")+"true" {
			t.Errorf("%s: logged %q, want %q", tc.name, got, want)
		}
	}
	t.Run("half_a_body_breaks_the_connection", func(t *testing.T) {
		address := startFront(t, kind, &Forwarder{Backends: sends("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")})
		resp, err := client(t).Get("http://" + address)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if err == nil {
			t.Error("a body cut short looks whole to the client")
		}
	})
	t.Run("client_gone_cancels", func(t *testing.T) {
		testGone(t, func(h http.Handler) string { return startModel(t, "out-of-process", kind, h) })
	})
}

// testGone checks that a client that closes ends the app's request, whether it waits
// for the response, reads it, or sends a body.
func testGone(t *testing.T, start func(h http.Handler) string) {
	entered, left := make(chan struct{}), make(chan error)
	address := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		if r.ContentLength > 0 {
			_, err := io.Copy(io.Discard, r.Body)
			left <- err
			return
		}
		if r.URL.Path == "/stream" {
			_, _ = io.WriteString(w, "begun")
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
		left <- r.Context().Err()
	}))
	for _, request := range []string{
		"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n",
		"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nsome",
	} {
		c := dial(t, address)
		_, _ = io.WriteString(c, request)
		<-entered
		_ = c.Close()
		select {
		case err := <-left:
			if err == nil {
				t.Errorf("%.12q: the app saw a whole request", request)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%.12q: the app never heard that the client had gone", request)
		}
	}
}

// A request is sent again only if none of it has reached the app, or if it has no body,
// is idempotent, and the reused connection has ended before any answer.
func testNoReplay(t *testing.T, kind string) {
	var seen atomic.Int64
	answered := make(chan net.Conn, 10)
	b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			head, err := readHead(r)
			if err != nil {
				return
			}
			seen.Add(1)
			if strings.Contains(head[0], "/drop") {
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
			answered <- c
		}
	})
	address := startFront(t, kind, &Forwarder{Backends: Fixed(b)})
	do := func(method, path, body string) int {
		t.Helper()
		r, _ := http.NewRequest(method, "http://"+address+path, strings.NewReader(body))
		resp, err := client(t).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, tc := range []struct {
		method, body string
		kept         bool // there is a connection in use to begin with
		calls        int64
	}{
		{"GET", "", true, 2},
		{"HEAD", "", true, 2},
		{"PUT", "", true, 2},
		{"DELETE", "", true, 2},
		{"OPTIONS", "", true, 2},
		{"GET", "", false, 1},  // a fresh one: nothing is old about it
		{"GET", "b", true, 1},  // never with a body
		{"PUT", "b", true, 1},  // nor this
		{"POST", "", true, 1},  // twice is not once
		{"PATCH", "", true, 1}, // nor here
		{"M-OWN", "", true, 1}, // nobody knows
		{"POST", "b", false, 1},
	} {
		if tc.kept {
			if got := do("GET", "/", ""); got != 204 {
				t.Fatalf("to begin with: %d", got)
			}
			<-answered
		}
		before := seen.Load()
		if got := do(tc.method, "/drop", tc.body); got != 502 {
			t.Errorf("%s %q dropped: %d, want 502", tc.method, tc.body, got)
		}
		if n := seen.Load() - before; n != tc.calls {
			t.Errorf("%s %q, a connection in use %v: the app saw it %d times, want %d", tc.method, tc.body, tc.kept, n, tc.calls)
		}
	}
	// A connection that has died while it was idle costs no request, whatever it is.
	for _, body := range []string{"", "body", strings.Repeat("long", 20_000)} {
		for _, method := range []string{"GET", "POST"} {
			if got := do("GET", "/", ""); got != 204 {
				t.Fatalf("to begin with: %d", got)
			}
			_ = (<-answered).Close() // on loopback the end is there when this returns
			before := seen.Load()
			if got := do(method, "/", body); got != 204 || seen.Load()-before != 1 {
				t.Errorf("%s with %d bytes after the idle connection was closed: %d, seen %d times", method, len(body), got, seen.Load()-before)
			}
			_ = (<-answered).Close()
		}
	}
}

// A request is not sent again if the app's process has ended or is being replaced
// (OP-13).
func TestNoRetryOnceRetired(t *testing.T) {
	var seen atomic.Int64
	kept, drop := make(chan struct{}), make(chan struct{})
	b := startOrigin(t, func(c net.Conn, r *bufio.Reader) {
		for {
			head, err := readHead(r)
			if err != nil {
				return
			}
			if seen.Add(1) > 1 && strings.Contains(head[0], "/drop") {
				kept <- struct{}{}
				<-drop
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	})
	kinds := frontKinds()
	address := startFront(t, kinds[len(kinds)-1], &Forwarder{Backends: Fixed(b)})
	get := func(path string) int {
		resp, err := client(t).Get("http://" + address + path)
		if err != nil {
			t.Error(err)
			return 0
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := get("/"); got != 204 {
		t.Fatalf("to begin with: %d", got)
	}
	done := make(chan int)
	go func() { done <- get("/drop") }()
	<-kept
	b.Retire()
	close(drop)
	if got := <-done; got != 502 || seen.Load() != 2 {
		t.Errorf("%d, seen %d times; want 502 after the one try", got, seen.Load())
	}
}
