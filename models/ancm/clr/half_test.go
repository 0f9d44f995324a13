//go:build clr && linux && amd64 && cgo

package clr

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"ancmbench/models/ancm/clr/clrtest"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/httpsys"
)

// driven is an app whose managed half is clrtest's; a process has one.
var driven = sync.OnceValues(func() (*App, error) {
	a, err := New(Options{Config: webconfig.Default()})
	if err != nil {
		return nil, err
	}
	if a.slots, err = newSlots(); err != nil {
		return nil, err
	}
	a.settle("/srv/app")
	go a.watch()
	if err := clrtest.Start(); err != nil {
		return nil, err
	}
	return a, <-a.starting
})

func app(t testing.TB) *App {
	t.Helper()
	a, err := driven()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// eachTransport runs a test in each of the ways in which requests come to the app.
func eachTransport(t *testing.T, run func(t *testing.T)) {
	a := app(t)
	for _, name := range []string{Rings, Direct, Send} {
		t.Run(name, func(t *testing.T) {
			a.transport(name) // no request is under way
			t.Cleanup(func() { a.transport(Rings) })
			clean(t)
			run(t)
		})
	}
}

// front serves an app and returns its address.
func front(t testing.TB, o httpsys.Options) string {
	t.Helper()
	if o.Handler == nil {
		o.Handler = app(t)
	}
	f, err := httpsys.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- f.Serve(l) }()
	t.Cleanup(func() {
		_ = f.Close()
		<-served
	})
	return l.Addr().String()
}

// clean checks that nothing is left of the requests, and nothing went wrong, when the
// test is over and its front has ended: it is called before front.
func clean(t testing.TB) {
	t.Helper()
	a := app(t)
	bad, wrong, before := clrtest.Count().Faults(), a.Counts().BadCompletions, has(t)
	t.Cleanup(func() {
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
		var c Counts
		var now holdings
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if c, now = a.Counts(), has(t); c.InFlight == 0 && c.Free == c.Slots && now.descriptors <= before.descriptors && now.goroutines <= before.goroutines {
				break
			}
			if time.Now().After(end) {
				t.Errorf("left behind: %+v with %+v; before it was %+v", c, now, before)
				break
			}
		}
		if c := clrtest.Count(); c.Faults() != bad || a.Counts().BadCompletions != wrong {
			t.Errorf("the managed half counts faults: %+v; %+v", c, a.Counts())
		}
	})
}

// holdings are what this process has that a request may leave behind.
type holdings struct{ descriptors, goroutines int }

func has(t testing.TB) holdings {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return holdings{len(fds), runtime.NumGoroutine()}
}

func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func TestAnswers(t *testing.T) { eachTransport(t, testAnswers) }

func testAnswers(t *testing.T) {
	for _, kind := range []string{httpsys.Lean, httpsys.NetHTTP} {
		t.Run(kind, func(t *testing.T) {
			at := "http://" + front(t, httpsys.Options{Kind: kind})
			for _, c := range []struct {
				method, path string
				status       int
				length       int64
				body         string
			}{
				{"GET", "/hello", 200, 13, "Hello, World!"},
				{"HEAD", "/hello", 200, 13, ""},
				{"GET", "/reason", 299, 1, "r"},
				{"GET", "/stream/3", 200, -1, "line 0\nline 1\nline 2\n"},
				{"GET", "/204", 204, 0, ""},
				{"GET", "/nothing", 404, 2, "no"},
				{"GET", "/throw-before", 500, -1, ""},
				{"GET", "/no-answer", 500, 0, ""},
				{"POST", "/hello", 200, 13, "Hello, World!"},
			} {
				r, err := http.NewRequest(c.method, at+c.path, strings.NewReader(map[string]string{"POST": "not read"}[c.method]))
				if err != nil {
					t.Fatal(err)
				}
				a, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Errorf("%s %s: %v", c.method, c.path, err)
					continue
				}
				b, err := io.ReadAll(a.Body)
				a.Body.Close()
				if err != nil || a.StatusCode != c.status || string(b) != c.body || a.ContentLength != c.length {
					t.Errorf("%s %s: %d %q length %d %v, want %d %q %d", c.method, c.path, a.StatusCode, b, a.ContentLength, err, c.status, c.body, c.length)
				}
				if c.path == "/reason" && kind == httpsys.Lean && a.Status != "299 Mine" {
					t.Errorf("reason: %s", a.Status)
				}
			}
		})
	}
}

// A response that is not what its head says, or that the app breaks off, ends as a
// broken one: never as if it were whole.
func TestBrokenResponses(t *testing.T) { eachTransport(t, testBrokenResponses) }

func testBrokenResponses(t *testing.T) {
	for _, kind := range []string{httpsys.Lean, httpsys.NetHTTP} {
		at := "http://" + front(t, httpsys.Options{Kind: kind})
		for _, path := range []string{"/abort-before", "/abort-after", "/throw-after", "/short", "/long"} {
			a, err := http.Get(at + path)
			var b []byte
			if err == nil {
				b, err = io.ReadAll(a.Body)
				a.Body.Close()
			}
			if err == nil {
				t.Errorf("%s %s: %d %q is whole", kind, path, a.StatusCode, b)
			}
		}
	}
}

func TestResponseFields(t *testing.T) {
	clean(t)
	a, err := http.Get("http://" + front(t, httpsys.Options{}) + "/fields")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	for name, want := range map[string]string{"Set-Cookie": "[a=1 b=2]", "Server": "[second]", "X-Two": "[a b]", "X-Managed": "[yes]"} {
		if got := fmt.Sprint(a.Header[name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if n := len(a.Header.Get("X-Long")); n != 60000 {
		t.Errorf("X-Long has %d bytes", n)
	}
}

// patternOf returns what /big answers.
func patternOf(n int) []byte {
	block := make([]byte, 1<<20)
	x := uint32(2463534242) // xorshift32, Marsaglia 2003
	for i := range block {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		block[i] = 'A' + byte(x>>24)%26
	}
	return bytes.Repeat(block, n/len(block)+1)[:n]
}

// Bodies that are longer than every ring pass whole in both directions, many at once.
func TestLongBodies(t *testing.T) { eachTransport(t, testLongBodies) }

func testLongBodies(t *testing.T) {
	before := clrtest.Count()
	at := "http://" + front(t, httpsys.Options{})
	const size, clients = 3 << 20, 16
	sent := patternOf(size)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			var body io.Reader = bytes.NewReader(sent[i:])
			if i%2 == 1 {
				body = struct{ io.Reader }{body} // of unknown length
			}
			a, err := http.Post(at+"/echo", "a/b", body)
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Body.Close()
			if b, err := io.ReadAll(a.Body); err != nil || !bytes.Equal(b, sent[i:]) {
				t.Errorf("echo %d: %d bytes %v", i, len(b), err)
			}
			a, err = http.Get(at + "/big/" + fmt.Sprint(size+i))
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Body.Close()
			if b, err := io.ReadAll(a.Body); err != nil || !bytes.Equal(b, patternOf(size+i)) {
				t.Errorf("big %d: %d bytes %v", i, len(b), err)
			}
		})
	}
	all.Wait()
	if c := clrtest.Count(); c.Readers == before.Readers || c.Writers == before.Writers {
		t.Errorf("no operation was pending: %+v", c)
	}
}

// A read that is cancelled ends at once, and what comes later is not lost.
func TestCancelledRead(t *testing.T) { eachTransport(t, testCancelledRead) }

func testCancelledRead(t *testing.T) {
	c, err := net.Dial("tcp", front(t, httpsys.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /cancel HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")
	got := readUntil(t, c, "ABORTED ")
	fmt.Fprint(c, "later")
	rest, err := io.ReadAll(c)
	if all := got + string(rest); err != nil || !strings.Contains(all, "later") || !strings.HasSuffix(all, "0\r\n\r\n") {
		t.Errorf("%q %v", all, err)
	}
}

func readUntil(t *testing.T, c net.Conn, want string) string {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(30 * time.Second))
	var got []byte
	b := make([]byte, 4096)
	for !bytes.Contains(got, []byte(want)) {
		n, err := c.Read(b)
		got = append(got, b[:n]...)
		if err != nil {
			t.Fatalf("%q: %v", got, err)
		}
	}
	return string(got)
}

// On an upgraded connection bytes pass in both directions at once.
func TestUpgradedConnection(t *testing.T) { eachTransport(t, testUpgradedConnection) }

func testUpgradedConnection(t *testing.T) {
	at := front(t, httpsys.Options{})
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly")
	if head := readUntil(t, c, "early"); !strings.HasPrefix(head, "HTTP/1.1 101 ") || !strings.Contains(head, "Upgrade: websocket\r\n") || !strings.Contains(head, "X-Managed: yes") == strings.Contains(head, "X-Managed: no") {
		t.Errorf("%q", head)
	}
	sent := patternOf(2 << 20)
	go func() {
		_, _ = c.Write(sent)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	if b, err := io.ReadAll(c); err != nil || !bytes.Equal(b, sent) {
		t.Errorf("%d bytes %v", len(b), err)
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	clean(t)
	app(t)
	if clrtest.Second() == 0 {
		t.Error("a second server may take the requests of the first")
	}
	if got := ask(t, http.DefaultClient, "GET", "http://"+front(t, httpsys.Options{})+"/hello"); got != "200\nHello, World!" {
		t.Error(got)
	}
}

// A server that stops is told when the last request is over, and not before; it can
// start again.
func TestStop(t *testing.T) {
	clean(t)
	at := front(t, httpsys.Options{})
	before := clrtest.Count()
	c, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(c, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
	until(t, "a request waits", func() bool { return clrtest.Count().Waits > before.Waits })
	clrtest.Stop()
	if got := ask(t, http.DefaultClient, "GET", "http://"+at+"/hello"); !strings.HasPrefix(got, "503\n") {
		t.Errorf("a new request: %s", got)
	}
	if n := clrtest.Count().Drained; n != before.Drained {
		t.Error("told too early")
	}
	c.Close()
	until(t, "the server is told", func() bool { return clrtest.Count().Drained == before.Drained+1 })
	if err := clrtest.Start(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, http.DefaultClient, "GET", "http://"+at+"/hello"); got != "200\nHello, World!" {
		t.Errorf("after another start: %s", got)
	}
}

// certified is a front with TLS, and a client of it.
func certified(t *testing.T) (string, *http.Client) {
	cert := certificate(t)
	at := front(t, httpsys.Options{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert}})
	tr := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true, ServerName: "sni.example", Certificates: []tls.Certificate{cert}}}
	t.Cleanup(tr.CloseIdleConnections)
	return "https://" + at, &http.Client{Transport: tr}
}

func ask(t *testing.T, c *http.Client, method, url string, fields ...string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		r.Header[fields[i]] = append(r.Header[fields[i]], fields[i+1])
	}
	a, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(a.StatusCode, "\n", string(b))
}

// The app is given all that the client has said.
func TestFacts(t *testing.T) {
	clean(t)
	at := "http://" + front(t, httpsys.Options{})
	has := func(got string, wants ...string) {
		t.Helper()
		for _, w := range wants {
			if !strings.Contains("\n"+got, "\n"+w+"\n") {
				t.Errorf("lacks %q:\n%s", w, got)
			}
		}
	}
	has(ask(t, http.DefaultClient, "GET", at+"/facts?a=%20b", "X-One", "1", "X-Two", "a", "X-Two", "b", "Accept", "x/y", "Accept", "z/z", "Cookie", "a=1", "Cookie", "b=2", "User-Agent", "me"),
		"200", "unknown X-One: 1", "unknown X-Two: a, b", "known 20: x/y, z/z", "known 25: a=1; b=2", "verb 4 ", "url /facts?a=%20b", "query ?a=%20b",
		"version 1.1 flags 0", "id 1", "remote 2 127.0.0.1", "variable REQUEST_METHOD: GET", "variable QUERY_STRING: a=%20b", "variable REMOTE_ADDR: 127.0.0.1",
		"variable SERVER_PROTOCOL: HTTP/1.1", "variable HTTPS: off", "variable HTTP_X_ONE: 1", "variable http_user_agent: me", "variable MINE: m", "variable NO_SUCH: none")
	has(ask(t, http.DefaultClient, "PATCH", at+"/facts"), "verb 1 PATCH", "query ", "variable REQUEST_METHOD: PATCH")
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("X-N%d", i%150), fmt.Sprint(i))
	}
	has(ask(t, http.DefaultClient, "GET", at+"/facts", many...), "unknown X-N7: 7, 157", "unknown X-N149: 149")
	has(ask(t, http.DefaultClient, "GET", at+"/facts?"+strings.Repeat("x", 20000), "X-Long", strings.Repeat("y", 30000)), "unknown X-Long: "+strings.Repeat("y", 30000))
	secure, client := certified(t)
	got := ask(t, client, "GET", secure+"/facts")
	has(got, "variable HTTPS: on", "version 2.0 flags 4", "variable SERVER_PROTOCOL: HTTP/2.0")
	if !strings.Contains(got, "tls protocol 3000 suite 130") || !strings.Contains(got, "name sni.example") || strings.Contains(got, "certificate 0") {
		t.Error(got)
	}
	for _, path := range []string{"/a%00b", "/a\xffb"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(at, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", path)
		if b, _ := io.ReadAll(c); !strings.HasPrefix(string(b), "HTTP/1.1 400 ") {
			t.Errorf("%q: %q", path, b)
		}
		c.Close()
	}
}
