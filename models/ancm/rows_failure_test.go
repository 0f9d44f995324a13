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

// statusOf gives status, X-Ancm-Error and body of /plaintext.
func statusOf(t *testing.T, address string) (int, string, string) {
	t.Helper()
	resp, err := client(t).Get("http://" + address + "/plaintext")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("X-Ancm-Error"), string(body)
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

// testGone: a client that closes ends the app's request, whether it waits for
// the response, streams it, or sends a body.
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

// A request is sent again only when not one byte of it was sent.
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
	do := func(method, path string) int {
		r, _ := http.NewRequest(method, "http://"+address+path, strings.NewReader("body"))
		if method == "GET" {
			r.Body = http.NoBody
			r.ContentLength = 0
		}
		resp, err := client(t).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := do("GET", "/"); got != 204 {
		t.Fatalf("first: %d", got)
	}
	// The connection dies while it is idle: the next request goes over another.
	c := <-answered
	_ = c.Close()
	time.Sleep(2 * probeAfter) // the time after which an idle connection is looked at
	if got := do("GET", "/"); got != 204 {
		t.Errorf("after the idle connection was closed: %d, want 204", got)
	}
	<-answered
	// The connection dies after it has got the request: that is the end of it.
	before := seen.Load()
	if got := do("GET", "/drop"); got != 502 {
		t.Errorf("dropped: %d, want 502", got)
	}
	if got := do("POST", "/drop"); got != 502 {
		t.Errorf("dropped with a body: %d, want 502", got)
	}
	if n := seen.Load() - before; n != 2 {
		t.Errorf("the app saw %d requests, the clients sent 2", n)
	}
}
