//go:build !windows

package httpsys

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench/models/httpsys/http1"
	"ancmbench/models/internal/selfsigned"
)

func overTLS(t *testing.T) func(*Options) {
	cert := selfsigned.Certificate(t)
	return func(o *Options) { o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}} }
}

// A panic ends its own exchange, whether somebody is told of it or not.
func TestPanicEndsItsOwnExchange(t *testing.T) {
	each(t, func(t *testing.T, kind string) {
		for name, bad := range map[string]HandlerFunc{
			"at once":                func(*Exchange) { panic("oops") },
			"aborting":               func(*Exchange) { panic(http.ErrAbortHandler) },
			"nil":                    func(*Exchange) { var p *int; *p = 1 },
			"behind the head":        func(x *Exchange) { _ = x.WriteHead(200, nil, AnyLength); _ = x.Flush(); panic("oops") },
			"with a connection":      func(x *Exchange) { _, _, _ = x.Hijack(); panic("oops") },
			"while reading the body": func(x *Exchange) { _, _ = x.ReadBody(make([]byte, 1)); panic("oops") },
		} {
			conn := serve(t, kind, func(x *Exchange) {
				if string(x.Target) == "/bad" {
					bad(x)
				}
				_ = x.WriteHead(200, nil, 2)
				_, _ = x.Write([]byte("ok"))
			})
			for _, request := range []string{
				"GET /bad HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
				"POST /bad HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
				"POST /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			} {
				c := conn()
				_, _ = io.WriteString(c, request)
				if all, err := io.ReadAll(c); err != nil || bytes.Contains(all, []byte("0\r\n\r\n")) {
					t.Errorf("%s, %.30q: %q, %v", name, request, all, err)
				}
			}
			if resp, body := ask(t, conn(), "GET /good HTTP/1.1\r\nHost: a\r\n\r\n"); resp.StatusCode != 200 || body != "ok" {
				t.Errorf("%s: the next client got %d %q", name, resp.StatusCode, body)
			}
		}
	})
}

// A body that ends with its connection must not look whole when it is not.
func TestAbortedBodyIsReset(t *testing.T) {
	conn := serve(t, Lean, func(x *Exchange) {
		_ = x.WriteHead(200, nil, AnyLength)
		_, _ = x.Write([]byte("part"))
		_ = x.Flush()
		x.Abort()
	})
	c := conn()
	_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	if all, err := io.ReadAll(c); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %q, %v; want a reset", all, err)
	}
}

// A connection that ends with an exchange says so before (RFC 9112, 9.6), whenever
// that is decided, as long as the head has not been sent.
func TestAnswerAnnouncesTheClose(t *testing.T) {
	answer := func(x *Exchange) {
		_ = x.WriteHead(200, nil, 2)
		_, _ = x.Write([]byte("ok"))
	}
	for _, tc := range []struct {
		name, request string
		handler       HandlerFunc
		closes        bool
	}{
		{"a body that nobody asked for", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", answer, true},
		{"a body that was asked for", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n", func(x *Exchange) {
			_ = x.Inform(100, nil)
			answer(x)
		}, false},
		{"more than is taken", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\nabc", answer, true},
		{"a malformed chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", answer, true},
		{"a malformed trailer", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na b\r\n\r\n", answer, true},
		{"the handler's late wish", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", func(x *Exchange) { answer(x); x.CloseAfter() }, true},
		{"the same with HTTP/1.0", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", func(x *Exchange) { answer(x); x.CloseAfter() }, true},
		{"nothing", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", answer, false},
		{"an unread body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", answer, false},
	} {
		c := serve(t, Lean, tc.handler)()
		_, _ = io.WriteString(c, tc.request)
		r := bufio.NewReader(c)
		var resp *http.Response
		for resp == nil || resp.StatusCode == 100 {
			var err error
			if resp, err = http.ReadResponse(r, nil); err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
		}
		body, _ := io.ReadAll(resp.Body)
		if resp.Close != tc.closes || len(resp.Header["Connection"]) > 1 || string(body) != "ok" {
			t.Errorf("%s: close %v, %v %q; want close %v", tc.name, resp.Close, resp.Header, body, tc.closes)
		}
	}
}

// A client that sends a long body reads the answer that comes before its end, be the
// connection to go on or not.
func TestRefusedUploadReadsItsAnswer(t *testing.T) {
	for _, secure := range []bool{false, true} {
		for _, size := range []int{1 << 20, 30 << 20, 60 << 20} {
			change := func(*Options) {}
			if secure {
				change = overTLS(t)
			}
			conn := serve(t, Lean, func(x *Exchange) { _ = x.WriteHead(403, nil, 0) }, change)
			for range 3 {
				c := conn()
				if secure {
					c = tls.Client(c, &tls.Config{InsecureSkipVerify: true})
				}
				wrote := make(chan error, 1)
				go func() {
					_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", size)
					block := make([]byte, 64<<10)
					for sent := 0; sent < size; sent += len(block) {
						if _, err := c.Write(block[:min(len(block), size-sent)]); err != nil {
							wrote <- err
							return
						}
					}
					wrote <- nil
				}()
				time.Sleep(20 * time.Millisecond) // a slow reader, as most are
				resp, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil || resp.StatusCode != 403 {
					t.Errorf("TLS %v, %d bytes: %v", secure, size, err)
				} else if want := size > discardBytes; resp.Close != want {
					t.Errorf("TLS %v, %d bytes: close %v, want %v", secure, size, resp.Close, want)
				}
				if err := <-wrote; err != nil { // a client that fails here may never look at the answer
					t.Errorf("TLS %v, %d bytes: writing: %v", secure, size, err)
				}
				_ = c.Close()
			}
		}
	}
}

// Over TLS HTTP/1.1 is what it is without: names and their order as received, the
// reason phrase as it was set.
func TestTLSIsTheSame(t *testing.T) {
	conn := serve(t, Lean, func(x *Exchange) {
		var names []string
		for _, f := range x.Fields {
			names = append(names, string(f.Name))
		}
		x.Reason = []byte("Well Done")
		body := strings.Join(names, ",") + " " + x.Scheme() + " " + string(x.Client)
		_ = x.WriteHead(200, []Field{http1.Make([]byte("x-LOWER"), []byte("1"))}, int64(len(body)))
		_, _ = x.Write([]byte(body))
	}, overTLS(t))
	raw := conn()
	c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true})
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHOST: h\r\nb: 2\r\nA: 1\r\nb: 3\r\nConnection: close\r\n\r\n")
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"HTTP/1.1 200 Well Done\r\n", "\r\nx-LOWER: 1\r\n", "HOST,b,A,b,Connection https " + raw.LocalAddr().String()} {
		if !strings.Contains(string(all), want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
}

// Clients that speak HTTP/2, over TLS or with prior knowledge, are served by net/http,
// and their ends come with the front's.
func TestLeanHandsHTTP2Over(t *testing.T) {
	for _, secure := range []bool{true, false} {
		change := func(o *Options) { o.H2C = true }
		if secure {
			change = overTLS(t)
		}
		o := Options{Kind: Lean, Handler: HandlerFunc(func(x *Exchange) {
			body := fmt.Sprint(x.Major, " ", x.Scheme())
			_ = x.WriteHead(200, nil, int64(len(body)))
			_, _ = x.Write([]byte(body))
		})}
		change(&o)
		f, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- f.Serve(l) }()
		protocols := new(http.Protocols)
		protocols.SetHTTP2(secure)
		protocols.SetUnencryptedHTTP2(!secure)
		tr := &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
		want := map[bool]string{true: "2 https", false: "2 http"}[secure]
		for range 3 {
			resp, err := (&http.Client{Transport: tr}).Get(strings.Fields(want)[1] + "://" + l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := io.ReadAll(resp.Body); string(got) != want || resp.ProtoMajor != 2 {
				t.Errorf("%s %q, want %q", resp.Proto, got, want)
			}
			_ = resp.Body.Close()
		}
		// One connection more, which has said nothing yet.
		silent, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if err := f.Shutdown(ctx); err != nil {
			t.Errorf("TLS %v: Shutdown: %v", secure, err)
		}
		cancel()
		if err := <-served; !errors.Is(err, ErrClosed) {
			t.Errorf("Serve: %v", err)
		}
		_ = silent.SetReadDeadline(time.Now().Add(10 * time.Second))
		if n, err := silent.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the silent connection: %d, %v", n, err)
		}
		tr.CloseIdleConnections()
	}
}

// The preface of HTTP/2 may come in any pieces, and is no request where nobody said
// that HTTP/2 may be spoken.
func TestPrefaceInPieces(t *testing.T) {
	const whole = preface + "SM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	for _, h2c := range []bool{true, false} {
		conn := serve(t, Lean, greet, func(o *Options) { o.H2C = h2c })
		for cut := range len(whole) {
			c := conn()
			_, _ = io.WriteString(c, whole[:cut])
			if cut > 0 && cut%5 == 0 {
				time.Sleep(time.Millisecond)
			}
			_, _ = io.WriteString(c, whole[cut:])
			head := make([]byte, 9)
			if _, err := io.ReadFull(c, head); err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if h2c && head[3] != 4 { // SETTINGS
				t.Errorf("cut at %d: the first frame is %x", cut, head)
			}
			if !h2c && string(head) != "HTTP/1.1 " {
				t.Errorf("cut at %d: %q", cut, head)
			}
			_ = c.Close()
		}
	}
}

// A client whose TLS handshake has begun when the front ends is served: it sends its request
// right behind, and could not know that nobody reads it. (net/http drops those of HTTP/1.1.)
func TestShutdownLetsHandshakesFinish(t *testing.T) {
	for _, protocol := range []string{"h2", "http/1.1"} {
		for _, kind := range []string{Lean, NetHTTP} {
			if kind == NetHTTP && protocol == "http/1.1" {
				continue
			}
			t.Run(protocol+" "+kind, func(t *testing.T) {
				t.Parallel()
				o := Options{Kind: kind, Handler: HandlerFunc(func(x *Exchange) {
					x.CloseAfter()
					_ = x.WriteHead(200, nil, 2)
					_, _ = x.Write([]byte("ok"))
				})}
				overTLS(t)(&o)
				testHandshakeAtShutdown(t, o, protocol)
			})
		}
	}
}

func testHandshakeAtShutdown(t *testing.T, o Options, protocol string) {
	if o.Kind == Lean && !leanHere {
		t.Skip("skipped: no lean front on this system")
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{})
	served := make(chan error, 1)
	go func() { served <- f.Serve(&tellingListener{l, accepted}) }()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	<-accepted
	over := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { over <- f.Shutdown(ctx) }()
	<-served // it accepts no more
	dials := 0
	again := errors.New("told to ask elsewhere")
	tr := &http.Transport{
		ForceAttemptHTTP2: protocol == "h2",
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}},
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			if dials++; dials > 1 {
				return nil, again
			}
			return nc, nil
		},
	}
	resp, err := (&http.Client{Transport: tr}).Get("https://" + l.Addr().String())
	if protocol == "h2" && errors.Is(err, again) {
		return // by GOAWAY, before the request was taken
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(resp.Body); string(got) != "ok" || err != nil || resp.ProtoMajor != map[string]int{"h2": 2, "http/1.1": 1}[protocol] {
		t.Errorf("%s %q, %v", resp.Proto, got, err)
	}
	_ = resp.Body.Close()
	tr.CloseIdleConnections()
	if err := <-over; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

// tellingListener closes accepted when it asks for a second connection: the first one is
// known by then.
type tellingListener struct {
	net.Listener
	second chan struct{}
}

func (l *tellingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		close(l.second)
	}
	return c, err
}
