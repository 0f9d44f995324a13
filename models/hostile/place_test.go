package hostile_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ancmbench/models/ancm"
	"ancmbench/models/httpsys"
	"ancmbench/models/iisintegration"
	"ancmbench/models/internal/selfsigned"
	"ancmbench/models/kestrel"
)

const token = "5c3e4ec2-1a0b-4a7e-9d56-1e5be4a3a1f0"

// place is a front before a model, with an app that keeps what it sees. It is served
// over loopback, and over pipes, on which a write is a read.
type place struct {
	name string
	tags []string
	app  *recorder

	address string
	pipes   *pipeListener
	tls     *tls.Config // the client's; nil without TLS

	reference *place // net/http's server as it stands
}

// is reports whether the place has all of the tags, "a+b".
func (p *place) is(where string) bool {
	for _, tag := range strings.Split(where, "+") {
		if !slices.Contains(p.tags, tag) {
			return false
		}
	}
	return true
}

// places starts every front before every model.
func places(t *testing.T) (all []*place) {
	t.Helper()
	pair := selfsigned.Certificate(t)
	for _, front := range []string{"lean", "nethttp", "tls"} {
		for _, model := range []string{"in-process", "out-of-process"} {
			p := &place{name: front + "_" + model, tags: []string{front, model}, app: newRecorder()}
			var h httpsys.Handler = &ancm.InProcess{Handler: p.app}
			if model == "out-of-process" {
				h = &ancm.Forwarder{Backends: ancm.Fixed(backend(t, p.app))}
			}
			f, kind := newFront(t, front, h, pair)
			if f == nil {
				continue
			}
			if front == "tls" {
				p.tags, p.tls = append(p.tags, kind), &tls.Config{InsecureSkipVerify: true}
			}
			if kind == httpsys.NetHTTP {
				p.tags = append(p.tags, "stdlib")
			}
			p.serve(t, f)
			all = append(all, p)
		}
	}
	return append(all, direct(t))
}

// direct returns the app's own server, for Windows: net/http's, with limits.
func direct(t *testing.T) *place {
	p := &place{name: "direct", tags: []string{"direct", "stdlib"}, app: newRecorder()}
	p.serve(t, kestrel.New(kestrel.Options{Handler: p.app}))
	return p
}

// bare returns net/http's server as it stands, to hold others against.
func bare(t *testing.T) *place {
	p := &place{name: "bare", tags: []string{"bare", "stdlib"}, app: newRecorder()}
	p.serve(t, &http.Server{Handler: p.app, MaxHeaderBytes: kestrel.DefaultMaxHead - 4096, DisableGeneralOptionsHandler: true, ErrorLog: log.New(io.Discard, "", 0)})
	return p
}

// newFront makes a front; nil where this system has no lean one. kind is the parser
// that it reads HTTP/1.1 with.
func newFront(t *testing.T, front string, h httpsys.Handler, pair tls.Certificate) (f httpsys.Front, kind string) {
	t.Helper()
	o := httpsys.Options{Kind: front, Handler: h}
	if front == "tls" {
		o.Kind, o.TLSConfig = httpsys.Lean, &tls.Config{Certificates: []tls.Certificate{pair}}
		if _, err := httpsys.New(o); err != nil {
			o.Kind = httpsys.NetHTTP
		}
	}
	f, err := httpsys.New(o)
	if err != nil && front == httpsys.Lean {
		return nil, ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return f, f.Kind()
}

// backend returns the app in a server of its own, as the forwarder finds it.
func backend(t testing.TB, app http.Handler) *ancm.Backend {
	t.Helper()
	s := kestrel.New(kestrel.Options{Handler: iisintegration.New(app, iisintegration.Options{Token: token})})
	l := listen(t)
	go s.Serve(l)
	b := &ancm.Backend{Address: l.Addr().String(), Token: token}
	t.Cleanup(func() {
		b.Retire()
		_ = s.Close()
	})
	return b
}

func (p *place) serve(t testing.TB, s interface {
	Serve(net.Listener) error
	Close() error
}) {
	t.Helper()
	l := listen(t)
	p.address, p.pipes = l.Addr().String(), newPipeListener()
	done := make(chan error, 2)
	go func() { done <- s.Serve(l) }()
	go func() { done <- s.Serve(p.pipes) }()
	t.Cleanup(func() {
		_ = s.Close()
		for range 2 {
			if err := <-done; !errors.Is(err, http.ErrServerClosed) {
				t.Errorf("%s: Serve: %v", p.name, err)
			}
		}
	})
}

// dial opens a connection over loopback, and says by what address the app knows it.
func (p *place) dial() (net.Conn, string, error) {
	c, err := net.Dial("tcp", p.address)
	if err != nil {
		return nil, "", err
	}
	client := c.LocalAddr().String()
	if p.tls != nil {
		c = tls.Client(c, p.tls)
	}
	return c, client, nil
}

// pipe opens a connection on which each write of the client is a read of the server.
func (p *place) pipe() (net.Conn, string, error) {
	c, client, err := p.pipes.dial()
	if err == nil && p.tls != nil {
		c = tls.Client(c, p.tls)
	}
	return c, client, err
}

// pipeListener accepts the other ends of pipes.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
	next  atomic.Uint32
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial returns a client's end; its address is one that no other has.
func (l *pipeListener) dial() (net.Conn, string, error) {
	n := l.next.Add(1)
	client := &net.TCPAddr{IP: net.IPv4(10, byte(n>>24), byte(n>>16), byte(n>>8)), Port: 1 + int(n&0xff)}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- &pipeEnd{theirs, client}:
		return ours, client.String(), nil
	case <-l.done:
		return nil, "", fmt.Errorf("the server is closed")
	}
}

// pipeEnd is the server's end of a pipe, with addresses.
type pipeEnd struct {
	net.Conn
	client net.Addr
}

func (e *pipeEnd) RemoteAddr() net.Addr { return e.client }
func (e *pipeEnd) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
