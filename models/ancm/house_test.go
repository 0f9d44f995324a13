package ancm

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"ancmbench/models/app"
	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
	"ancmbench/models/iisintegration"
	"ancmbench/models/kestrel"
)

const testToken = "5c3e4ec2-1a0b-4a7e-9d56-1e5be4a3a1f0"

// frontKinds returns the fronts that exist here.
func frontKinds() []string {
	kinds := []string{httpsys.NetHTTP}
	if _, err := httpsys.New(httpsys.Options{Kind: httpsys.Lean, Handler: httpsys.HandlerFunc(nil)}); err == nil {
		kinds = append(kinds, httpsys.Lean)
	}
	return kinds
}

// eachFront runs a test on every front.
func eachFront(t *testing.T, f func(t *testing.T, kind string)) {
	for _, kind := range frontKinds() {
		t.Run(kind, func(t *testing.T) { f(t, kind) })
	}
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// startFront serves h on a port of its own and gives its address.
func startFront(t testing.TB, kind string, h httpsys.Handler, change ...func(*httpsys.Options)) string {
	t.Helper()
	o := httpsys.Options{
		Kind: kind, Handler: h,
		Fields: []httpsys.Field{
			http1.Make([]byte("X-Ancm-Model"), []byte("test")),
			http1.Make([]byte("X-Ancm-Front-Pid"), strconv.AppendInt(nil, int64(os.Getpid()), 10)),
		},
		Panicked: func(any, []byte) {},
	}
	for _, c := range change {
		c(&o)
	}
	f, err := httpsys.New(o)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
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

// startApp serves an app behind the middleware, as the app's process does.
func startApp(t testing.TB, h http.Handler) *Backend {
	t.Helper()
	s := kestrel.New(kestrel.Options{Handler: iisintegration.New(h, iisintegration.Options{Token: testToken})})
	l := listen(t)
	go s.Serve(l)
	b := &Backend{Address: l.Addr().String(), Token: testToken}
	t.Cleanup(func() {
		b.Retire()
		_ = s.Close()
	})
	return b
}

// startOrigin serves connections with a function, for answers that no server
// of ours would give.
func startOrigin(t testing.TB, serve func(c net.Conn, r *bufio.Reader)) *Backend {
	t.Helper()
	l, ctx := listen(t), t.Context()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { _ = c.Close() })
			go func() {
				defer stop()
				defer c.Close()
				serve(c, bufio.NewReader(c))
			}()
		}
	}()
	b := &Backend{Address: l.Addr().String(), Token: testToken}
	t.Cleanup(func() {
		b.Retire()
		_ = l.Close()
	})
	return b
}

// readHead reads a request head and gives its lines.
func readHead(r *bufio.Reader) ([]string, error) {
	var lines []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return lines, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return lines, nil
		}
		lines = append(lines, line)
	}
}

func dial(t testing.TB, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// client returns an http.Client with connections of its own.
func client(t testing.TB) *http.Client {
	tr := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// modelKinds are the ways in which the same app is reached.
var modelKinds = []string{"in-process", "out-of-process", "reverseproxy"}

// startModel starts the app under a model and front.
func startModel(t testing.TB, model, kind string, h http.Handler) string {
	t.Helper()
	if h == nil {
		h = app.Handler()
	}
	switch model {
	case "in-process":
		return startFront(t, kind, &InProcess{Handler: h})
	case "out-of-process":
		return startFront(t, kind, &Forwarder{Backends: Fixed(startApp(t, h))})
	case "reverseproxy":
		return startFront(t, kind, NewReverseProxy(&Forwarder{Backends: Fixed(startApp(t, h))}))
	}
	t.Fatalf("no model %q", model)
	return ""
}

func eachModel(t *testing.T, f func(t *testing.T, model, kind string)) {
	for _, m := range modelKinds {
		t.Run(m, func(t *testing.T) {
			eachFront(t, func(t *testing.T, kind string) { f(t, m, kind) })
		})
	}
}

// never is a Backends that fails to start.
type never struct{ err error }

func (n never) Ready() *Backend                         { return nil }
func (n never) Start(context.Context) (*Backend, error) { return nil, n.err }
