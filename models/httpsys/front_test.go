package httpsys

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ancmbench/models/httpsys/http1"
)

func TestNewNamesEveryFault(t *testing.T) {
	_, err := New(Options{Kind: "fast", MaxHead: -1, HeadTimeout: -1})
	for _, want := range []string{"handler: missing", "unknown front \"fast\"", "max head -1", "head timeout -1ns"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
	h := HandlerFunc(func(*Exchange) {})
	for _, tc := range []struct {
		o    Options
		want string
	}{
		{Options{Handler: h}, map[bool]string{true: Lean, false: NetHTTP}[leanHere]},
		{Options{Handler: h, TLSConfig: &tls.Config{}}, map[bool]string{true: Lean, false: NetHTTP}[leanHere]},
		{Options{Handler: h, H2C: true}, map[bool]string{true: Lean, false: NetHTTP}[leanHere]},
		{Options{Handler: h, Kind: NetHTTP}, NetHTTP},
		{Options{Handler: h, Kind: NetHTTP, TLSConfig: &tls.Config{}}, NetHTTP},
	} {
		f, err := New(tc.o)
		if err != nil || f.Kind() != tc.want {
			t.Errorf("%+v: %v, want %s", tc.o, err, tc.want)
		}
	}
}

// serve runs a front with a handler and gives a connection to it.
func serve(t *testing.T, kind string, h HandlerFunc, change ...func(*Options)) func() net.Conn {
	t.Helper()
	o := Options{Kind: kind, Handler: h}
	for _, c := range change {
		c(&o)
	}
	f, err := New(o)
	if err != nil {
		t.Skip(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Serve(l) }()
	t.Cleanup(func() {
		_ = f.Close()
		<-done
	})
	return func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
}

func each(t *testing.T, f func(t *testing.T, kind string)) {
	for _, kind := range []string{Lean, NetHTTP} {
		t.Run(kind, func(t *testing.T) { f(t, kind) })
	}
}

// ask sends raw bytes and reads one response.
func ask(t *testing.T, c net.Conn, request string) (*http.Response, string) {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

const get = "GET /p?q HTTP/1.1\r\nHost: h\r\nB: 2\r\na: 1\r\nB: 3\r\n\r\n"

// An Exchange says what the client has said.
func TestExchange(t *testing.T) {
	each(t, func(t *testing.T, kind string) {
		conn := serve(t, kind, func(x *Exchange) {
			text := x.Text()
			method, target, host := x.Line(text)
			var fields []string
			for i := range x.Fields {
				name, value := x.Fields[i].In(text)
				if name != string(x.Fields[i].Name) || value != string(x.Fields[i].Value) {
					t.Errorf("In gives %q, %q for %q, %q", name, value, x.Fields[i].Name, x.Fields[i].Value)
				}
				fields = append(fields, strings.ToLower(name)+"="+value)
			}
			s := fmt.Sprint(method, " ", target, " ", host, " ", x.Major, ".", x.Minor, " ", x.Length, " ", x.Scheme(), " ", string(x.Client))
			if kind == Lean {
				s += " " + strings.Join(fields, ",")
			} else if len(fields) != 4 {
				t.Errorf("fields %q", fields)
			}
			_ = x.WriteHead(200, nil, int64(len(s)))
			_, _ = io.WriteString(writer{x}, s)
		})
		c := conn()
		want := "GET /p?q h 1.1 0 http " + c.LocalAddr().String()
		if kind == Lean {
			want += " host=h,b=2,a=1,b=3"
		}
		if _, got := ask(t, c, get); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

type writer struct{ x *Exchange }

func (w writer) Write(p []byte) (int, error) { return w.x.Write(p) }

// A response that a handler leaves incomplete does not look complete to the client.
func TestWrongHandlers(t *testing.T) {
	each(t, func(t *testing.T, kind string) {
		told := make(chan any, 1)
		cases := []struct {
			name    string
			handler HandlerFunc
			status  int // 0: the connection breaks
			body    string
		}{
			{"says nothing", func(*Exchange) {}, 500, ""},
			{"panics", func(*Exchange) { panic("oops") }, 0, ""},
			{"panics late", func(x *Exchange) { _ = x.WriteHead(200, nil, 5); _ = x.Flush(); panic("oops") }, -200, ""},
			{"aborts", func(x *Exchange) { x.Abort() }, 0, ""},
			{"too short", func(x *Exchange) { _ = x.WriteHead(200, nil, 5); _, _ = x.Write([]byte("abc")) }, -200, "abc"},
			{"begins twice", func(x *Exchange) {
				_ = x.WriteHead(201, nil, 0)
				if err := x.WriteHead(200, nil, 0); !errors.Is(err, ErrBegun) {
					t.Errorf("second WriteHead: %v", err)
				}
			}, 201, ""},
			{"body to HEAD", func(x *Exchange) { _ = x.WriteHead(204, nil, AnyLength); _, _ = x.Write([]byte("abc")) }, 204, ""},
			{"frames itself", func(x *Exchange) {
				_ = x.WriteHead(200, []Field{http1.Make([]byte("Content-Length"), []byte("99")), http1.Make([]byte("Transfer-Encoding"), []byte("chunked")),
					http1.Make([]byte("X-Ancm-Model"), []byte("forged"))}, 2)
				_, _ = x.Write([]byte("ok"))
			}, 200, "ok"},
			{"hijacks what nobody offered", func(x *Exchange) {
				if _, _, err := x.Hijack(); !errors.Is(err, ErrNoHijack) {
					t.Errorf("Hijack: %v", err)
				}
				if !x.Begun() {
					_ = x.WriteHead(200, nil, 0)
				}
			}, 200, ""},
		}
		for _, tc := range cases {
			conn := serve(t, kind, tc.handler, func(o *Options) { o.Panicked = func(v any, _ []byte) { told <- v } })
			c := conn()
			_, _ = io.WriteString(c, get)
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if tc.status == 0 {
				if err == nil {
					t.Errorf("%s: answered %d", tc.name, resp.StatusCode)
				}
			} else if err != nil {
				t.Errorf("%s: %v", tc.name, err)
				continue
			} else {
				body, err := io.ReadAll(resp.Body)
				if broken := tc.status < 0; resp.StatusCode != max(tc.status, -tc.status) || string(body) != tc.body || (err != nil) != broken {
					t.Errorf("%s: %d %q, %v", tc.name, resp.StatusCode, body, err)
				}
				if resp.Header.Get("X-Ancm-Model") != "" {
					t.Errorf("%s: forged %v", tc.name, resp.Header)
				}
			}
			if strings.HasPrefix(tc.name, "panics") {
				if v := <-told; v != "oops" {
					t.Errorf("%s: told %v", tc.name, v)
				}
			}
		}
	})
}

// After an unread body the front reads the next request, or ends the connection.
func TestUnreadBody(t *testing.T) {
	each(t, func(t *testing.T, kind string) {
		conn := serve(t, kind, func(x *Exchange) {
			_ = x.WriteHead(200, nil, int64(len(x.Target)))
			_, _ = x.Write(x.Target)
		})
		for _, tc := range []struct{ first, want string }{
			{"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc", "/1/2"},
			{"POST /1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n", "/1/2"},
			{"POST /1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "/1"},
			{"POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", "/1"},
			{"GET /1 HTTP/1.0\r\n\r\n", "/1"},
			{"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "/1/2"},
		} {
			c := conn()
			_, _ = io.WriteString(c, tc.first+"GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
			r := bufio.NewReader(c)
			got := ""
			for {
				resp, err := http.ReadResponse(r, nil)
				if err != nil {
					break
				}
				body, _ := io.ReadAll(resp.Body)
				got += string(body)
			}
			if got != tc.want {
				t.Errorf("%.70q: answers %s, want %s", tc.first, got, tc.want)
			}
		}
	})
}

// A head may arrive in any pieces. A connection may be idle until its limit.
func TestPiecesAndIdle(t *testing.T) {
	each(t, func(t *testing.T, kind string) {
		conn := serve(t, kind, func(x *Exchange) { _ = x.WriteHead(200, nil, 0) }, func(o *Options) { o.IdleTimeout = 50 * time.Millisecond })
		c := conn()
		for i := range len(get) {
			if _, err := c.Write([]byte{get[i]}); err != nil {
				t.Fatal(err)
			}
		}
		r := bufio.NewReader(c)
		if resp, err := http.ReadResponse(r, nil); err != nil || resp.StatusCode != 200 {
			t.Fatal(resp, err)
		}
		if b, err := r.ReadByte(); err != io.EOF {
			t.Errorf("idle: %q, %v; want the end", b, err)
		}
	})
}

// A client that waits for 100 gets it when a handler reads its body, and not before.
func TestContinue(t *testing.T) {
	each(t, func(t *testing.T, kind string) {
		conn := serve(t, kind, func(x *Exchange) {
			var body []byte
			if string(x.Target) == "/read" {
				body, _ = io.ReadAll(x.Body())
			}
			_ = x.WriteHead(200, nil, int64(len(body)))
			_, _ = x.Write(body)
		})
		for target, first := range map[string]string{"/read": "HTTP/1.1 100 Continue", "/not": "HTTP/1.1 200 OK"} {
			c := conn()
			_, _ = io.WriteString(c, "POST "+target+" HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
			r := bufio.NewReader(c)
			if line, err := r.ReadString('\n'); strings.TrimSpace(line) != first || err != nil {
				t.Fatalf("%s: %q, %v", target, line, err)
			}
			if target == "/not" {
				continue
			}
			_, _ = r.ReadString('\n')
			_, _ = io.WriteString(c, "body")
			resp, err := http.ReadResponse(r, nil)
			if err != nil || resp.ContentLength != 4 {
				t.Errorf("%v, %v", resp, err)
			}
		}
	})
}
