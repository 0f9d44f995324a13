package native_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/native"
)

// serve puts a handler behind a front and gives its address.
func serve(t testing.TB, kind string, h httpsys.Handler, log func(*httpsys.Exchange, time.Duration)) string {
	t.Helper()
	f, err := httpsys.New(httpsys.Options{Kind: kind, Handler: h, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Serve(l) }()
	t.Cleanup(func() {
		_ = f.Close()
		if err := <-done; !errors.Is(err, httpsys.ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

func eachFront(t *testing.T, f func(t *testing.T, kind string)) {
	for _, kind := range []string{httpsys.NetHTTP, httpsys.Auto} {
		t.Run(kind, func(t *testing.T) { f(t, kind) })
	}
}

// send writes a request line and fields as they stand, and gives the response.
func send(t testing.TB, address, head string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, head+"Host: a\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(head, " ")
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("no response to %q: %v", head, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

// next is the app: it says who asked for what.
var next = httpsys.HandlerFunc(func(x *httpsys.Exchange) {
	body := "app:" + x.User + ":" + string(x.Target)
	_ = x.WriteHead(200, nil, int64(len(body)))
	_, _ = io.WriteString(x, body)
})

func TestBasic(t *testing.T) {
	t.Run("WA-01_basic", func(t *testing.T) { eachFront(t, testBasic) })
}

func testBasic(t *testing.T, kind string) {
	address := serve(t, kind, &native.Basic{Next: next, Realm: "shop", Users: map[string]string{"Aladdin": "open sesame", "zoë": "a:b", "none": ""}}, nil)
	for _, c := range []struct{ name, fields, want string }{
		{"RFC 7617, 2", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n", "200 app:Aladdin:/"},
		{"in other letters", "aUTHORIZATION: bASIC  QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n", "200 app:Aladdin:/"},
		{"UTF-8, a colon in the password", "Authorization: Basic em/DqzphOmI=\r\n", "200 app:zoë:/"},
		{"empty password", "Authorization: Basic bm9uZTo=\r\n", "200 app:none:/"},
		{"nothing", "", "401 401.2"},
		{"another scheme", "Authorization: Negotiate YII=\r\n", "401 401.2"},
		{"no value", "Authorization:\r\n", "401 401.2"},
		{"wrong password", "Authorization: Basic QWxhZGRpbjpvcGVu\r\n", "401 401.1"},
		{"unknown user without a password", "Authorization: Basic bm9ib2R5Og==\r\n", "401 401.1"},
		{"no colon", "Authorization: Basic QWxhZGRpbg==\r\n", "401 401.1"},
		{"no base64", "Authorization: Basic !!!!\r\n", "401 401.1"},
		{"two, the first right", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nAuthorization: Basic bm9uZTo=\r\n", "401 401.1"},
		{"two, the second right", "Authorization: x\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n", "401 401.1"},
	} {
		resp, body := send(t, address, "GET / HTTP/1.1\r\n"+c.fields)
		if got := fmt.Sprint(resp.StatusCode, " ", body+resp.Header.Get("X-Ancm-Error")); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if challenge := resp.Header.Get("WWW-Authenticate"); (resp.StatusCode == 401) != (challenge == `Basic realm="shop", charset="UTF-8"`) {
			t.Errorf("%s: %d with challenge %q", c.name, resp.StatusCode, challenge)
		}
	}
}

func TestBasicCheck(t *testing.T) {
	b := native.Basic{Realm: `a"b`, Users: map[string]string{"": "x", "a:b": "x", "c": "geheim\n", "d": "fine"}}
	err := fmt.Sprint(b.Check())
	for _, want := range []string{`realm "a\"b": `, `user "": `, `user "a:b": `, `user "c": `} {
		if !strings.Contains(err, want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if strings.Contains(err, "geheim") {
		t.Errorf("a password is shown: %q", err)
	}
}

func TestStaticFiles(t *testing.T) {
	t.Run("BM-03_static_files", func(t *testing.T) { eachFront(t, testStatic) })
}

func testStatic(t *testing.T, kind string) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "wwwroot")
	if err := os.MkdirAll(filepath.Join(dir, "css", "deep"), 0o700); err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("0123456789", 20_000)
	for name, text := range map[string]string{"../secret.txt": "secret", "a b.txt": "spaced", "css/site.css": "p{}", "large.bin": large,
		"empty.txt": "", "Web.config": "secret", "css/web.CONFIG": "secret", ".env": "secret", "css/.git": "secret"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outer, "secret.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Skip(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	address := serve(t, kind, &native.StaticFiles{Next: next, Root: root}, nil)
	for _, c := range []struct{ line, want string }{
		{"GET /css/site.css", "200 text/css; charset=utf-8 p{}"},
		{"GET /css/site.css?v=2", "200 text/css; charset=utf-8 p{}"},
		{"HEAD /css/site.css", "200 text/css; charset=utf-8 "},
		{"GET /a%20b.txt", "200 text/plain; charset=utf-8 spaced"},
		{"GET /empty.txt", "200 text/plain; charset=utf-8 "},
		{"GET /large.bin", "200 application/octet-stream " + large},
	} {
		resp, body := send(t, address, c.line+" HTTP/1.1\r\n")
		if got := fmt.Sprint(resp.StatusCode, " ", resp.Header.Get("Content-Type"), " ", body); got != c.want {
			t.Errorf("%s: %.100s, want %.100s", c.line, got, c.want)
		}
	}
	for _, line := range []string{"GET /", "GET /css", "GET /css/", "GET /nothing.txt", "DELETE /css/site.css", "GET //css/site.css",
		"GET /css//site.css", "GET /../secret.txt", "GET /..%2fsecret.txt", "GET /%2e%2e/secret.txt", "GET /css/../../secret.txt",
		"GET /css/../a%20b.txt", `GET /..\secret.txt`, "GET /..%5csecret.txt", "GET /link.txt", "GET /Web.config", "GET /css/web.CONFIG",
		"GET /.env", "GET /css/.git", "GET /%2eenv", "GET /css/site.css%00", "GET /css/site.css::$DATA", "OPTIONS *"} {
		if resp, body := send(t, address, line+" HTTP/1.1\r\n"); resp.StatusCode != 400 && !strings.HasPrefix(body, "app::") {
			t.Errorf("%s: %d %q, want the app's answer", line, resp.StatusCode, body)
		}
	}
	first, _ := send(t, address, "GET /css/site.css HTTP/1.1\r\n")
	for field, want := range map[string]int{
		"If-Modified-Since: " + first.Header.Get("Last-Modified"):                     304,
		"If-Modified-Since: Mon, 02 Jan 2006 15:04:05 GMT":                            200,
		"If-Modified-Since: yesterday":                                                200,
		"If-None-Match: x\r\nIf-Modified-Since: " + first.Header.Get("Last-Modified"): 200,
	} {
		if resp, body := send(t, address, "GET /css/site.css HTTP/1.1\r\n"+field+"\r\n"); resp.StatusCode != want || (want == 304) != (body == "") {
			t.Errorf("%s: %d %q, want %d", field, resp.StatusCode, body, want)
		}
	}
}

type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestRequestLog(t *testing.T) {
	t.Run("BM-02_BM-03_request_log", func(t *testing.T) { eachFront(t, testRequestLog) })
	t.Run("BM-03_log_that_cannot_be_written", testLogFails)
}

func testRequestLog(t *testing.T, kind string) {
	logged := make(lines, 1)
	log := &native.RequestLog{W: logged}
	address := serve(t, kind, &native.Basic{Users: map[string]string{"a b": "c"}, Next: httpsys.HandlerFunc(func(x *httpsys.Exchange) {
		if string(x.Target) == "/fail" {
			x.Error(502, 3, "", []byte("no"), reasoned("time limit"))
			return
		}
		next(x)
	})}, log.Log)
	columns := len(strings.Fields(native.LogFields)) - 1
	for _, c := range []struct{ head, want string }{
		{"GET /p?a=b HTTP/1.1\r\nAuthorization: Basic YSBiOmM=\r\n", "127.0.0.1 a+b GET /p a=b 200 0 14 -"},
		{"GET /fail HTTP/1.1\r\nAuthorization: Basic YSBiOmM=\r\n", "127.0.0.1 a+b GET /fail - 502 3 2 time+limit"},
		{"GET /p HTTP/1.1\r\n", "127.0.0.1 - GET /p - 401 2 0 -"},
		{"GET /p HTTP/1.1\r\nAuthorization: Basic YSBiOmQ=\r\n", "127.0.0.1 - GET /p - 401 1 0 -"},
	} {
		send(t, address, c.head)
		line := <-logged
		got := strings.Fields(line)
		if len(got) != columns || strings.Count(line, "\n") != 1 {
			t.Fatalf("%q has %d columns, want %d", line, len(got), columns)
		}
		// All but the times.
		if middle := strings.Join(append(got[2:columns-2], got[columns-1]), " "); middle != c.want {
			t.Errorf("%q: %s, want %s", c.head, middle, c.want)
		}
		if at, err := time.Parse("2006-01-02 15:04:05", got[0]+" "+got[1]); err != nil || time.Since(at).Abs() > time.Hour {
			t.Errorf("time %s %s, %v", got[0], got[1], err)
		}
	}
}

// reasoned is an error with a reason, as the forwarder's have.
type reasoned string

func (r reasoned) Error() string  { return string(r) }
func (r reasoned) Reason() string { return string(r) }

// What the front refuses by itself is in the log as well, with the reason.
func TestRequestLogHasRefusals(t *testing.T) {
	logged := make(lines, 1)
	log := &native.RequestLog{W: logged}
	address := serve(t, httpsys.Auto, httpsys.HandlerFunc(next), log.Log)
	for request, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n":                                                   "400 0 0 Host+missing,+repeated+or+malformed",
		"GET / HTTP/2.0\r\nHost: a\r\n\r\n":                                                     "505 0 0 not+HTTP/1.x",
		"GET / HTTP/1.1\r\nHost: a\r\nA: " + strings.Repeat("a", 70_000) + "\r\n\r\n":           "431 0 0 head+larger+than+the+limit",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n":                         "501 0 0 transfer+coding+other+than+chunked",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n": "400 0 0 Content-Length+beside+Transfer-Encoding",
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, request)
		got := strings.Fields(<-logged)
		if last := strings.Join(append(got[7:10:10], got[11]), " "); last != want {
			t.Errorf("%.60q: %s, want %s", request, last, want)
		}
		_ = c.Close()
	}
}

type full struct{ writes int }

func (f *full) Write([]byte) (int, error) {
	f.writes++
	return 0, errors.New("no space")
}

func testLogFails(t *testing.T) {
	var told []error
	disk := &full{}
	log := &native.RequestLog{W: disk, Failed: func(err error) { told = append(told, err) }}
	for range 3 {
		log.Log(&httpsys.Exchange{Method: []byte("GET"), Target: []byte("/")}, 0)
	}
	if len(told) != 1 || disk.writes != 1 || told[0].Error() != "request log: no space" {
		t.Errorf("%d writes, told %v", disk.writes, told)
	}
}

// A line has its columns, and is one, whatever a client sends.
func FuzzRequestLog(f *testing.F) {
	f.Add("GET", "/a?b", "user name", "[::1]:80")
	f.Add("", "", "", "")
	f.Add("A B", "/ \r\n?\x00", "\xff\n", "x y")
	f.Fuzz(func(t *testing.T, method, target, user, client string) {
		var b strings.Builder
		log := &native.RequestLog{W: &b}
		log.Log(&httpsys.Exchange{Method: []byte(method), Target: []byte(target), User: user, Client: []byte(client)}, time.Second)
		if got := len(strings.Split(strings.TrimSuffix(b.String(), "\n"), " ")); got != 12 || strings.Count(b.String(), "\n") != 1 {
			t.Errorf("%d columns: %q", got, b.String())
		}
	})
}
