package httpsys

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys/http1"
)

// netFront makes Exchanges of net/http's requests.
type netFront struct {
	o      Options
	server *http.Server
	own    []ownField

	mu    sync.Mutex
	free  []*netExchange
	all   []*netExchange // as many as were ever in progress at once
	watch ticker

	spoilt sync.Map // net.Conn -> nothing, of those that end when net/http calls them idle
}

// netConn is what is known of a connection.
type netConn struct {
	net.Conn
	patient *patientConn // nil under TLS and HTTP/2
	// spoilt is set when nobody knows where the next HTTP/1 request begins.
	// net/http may take one from its buffer all the same.
	spoilt bool
}

type connKey struct{}

// ownField is one of Options.Fields as net/http wants it.
type ownField struct {
	name  string
	value []string
}

func newNetFront(o Options) *netFront {
	f := &netFront{o: o}
	f.watch.each, f.watch.any = f.watchSlow, f.anyBusy
	for _, x := range o.Fields {
		f.own = append(f.own, ownField{http.CanonicalHeaderKey(string(x.Name)), []string{string(x.Value)}})
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(o.TLSConfig != nil)
	protocols.SetUnencryptedHTTP2(o.H2C)
	f.server = &http.Server{
		Handler: http.HandlerFunc(f.serve),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			patient, _ := c.(*patientConn)
			return context.WithValue(ctx, connKey{}, &netConn{Conn: c, patient: patient})
		},
		ConnState:         f.changed,
		Protocols:         protocols,
		TLSConfig:         o.TLSConfig,
		ReadHeaderTimeout: o.HeadTimeout,
		IdleTimeout:       o.IdleTimeout,
		// net/http allows 4096 bytes more than this.
		MaxHeaderBytes:               max(o.MaxHead-4096, 1),
		DisableGeneralOptionsHandler: true,
		// Refusals of net/http itself go to the peer; a library does not log.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	return f
}

func (f *netFront) Kind() string { return NetHTTP }

func (f *netFront) Serve(l net.Listener) error {
	if f.o.TLSConfig != nil {
		return f.server.ServeTLS(l, "", "")
	}
	if !f.o.H2C {
		l = patientListener{l}
	}
	return f.server.Serve(l)
}

// Shutdown lets the exchanges in progress come to their end. net/http tells of it once, on
// the connections of HTTP/2 that it knows then; one whose goroutine begins later hears of it
// when it is told again.
func (f *netFront) Shutdown(ctx context.Context) error {
	for {
		now, cancel := context.WithTimeout(ctx, tellAgain)
		err := f.server.Shutdown(now)
		cancel()
		if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// tellAgain is the time after which a Shutdown tells again.
const tellAgain = 100 * time.Millisecond

// CloseIdle lets net/http look for them: it does when it is told to keep none. It also takes
// a kept connection for idle of whose next head only a part has come. An idle connection of
// HTTP/2 would be closed too, without its GOAWAY: Shutdown is for those.
func (f *netFront) CloseIdle() {
	if f.o.TLSConfig != nil || f.o.H2C {
		return
	}
	f.server.SetKeepAlivesEnabled(false)
	f.server.SetKeepAlivesEnabled(true)
}

// Close breaks every connection.
func (f *netFront) Close() error { return f.server.Close() }

func (f *netFront) serve(w http.ResponseWriter, r *http.Request) {
	conn := r.Context().Value(connKey{}).(*netConn)
	if conn.spoilt && r.ProtoMajor == 1 {
		panic(http.ErrAbortHandler)
	}
	e := f.take()
	e.begin(f, conn, w, r)
	if err := refused(e); err != nil {
		e.closing = true
		e.x.Fail(0, err)
		_ = e.x.WriteHead(err.Status, nil, 0) // the client may have gone
	} else {
		f.run(e)
	}
	x := &e.x
	if !x.began && !e.aborted {
		_ = x.WriteHead(http.StatusInternalServerError, nil, 0) // the client may have gone
	}
	if e.left > 0 && !e.drop {
		_ = e.flush() // the client sees what there is, and that it is not all
		e.aborted = true
	}
	if f.o.Log != nil {
		f.o.Log(x, time.Since(x.Start))
	}
	e.drain()
	aborted := e.aborted
	f.give(e)
	if aborted {
		panic(http.ErrAbortHandler)
	}
}

// take returns an Exchange and marks it as in progress.
func (f *netFront) take() *netExchange {
	period := f.watch.period()
	f.mu.Lock()
	defer f.mu.Unlock()
	var e *netExchange
	if n := len(f.free) - 1; n >= 0 {
		e, f.free = f.free[n], f.free[:n]
	} else {
		e = &netExchange{words: words{names: map[string]string{}, values: map[string][]string{}}}
		f.all = append(f.all, e)
	}
	e.busy = period
	return e
}

func (f *netFront) give(e *netExchange) {
	e.end()
	f.mu.Lock()
	defer f.mu.Unlock()
	e.busy = 0
	f.free = append(f.free, e)
}

// watchSlow starts the watch for a client that goes in every exchange that has lasted
// (see ticker), and reports whether any exchange is in progress.
func (f *netFront) watchSlow(period uint32) (busy bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.all {
		if e.busy == 0 {
			continue
		}
		busy = true
		if period-e.busy >= 1 {
			e.watchContext()
		}
	}
	return busy
}

func (f *netFront) anyBusy() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.free) < len(f.all)
}

func (f *netFront) run(e *netExchange) {
	defer func() {
		e.unwatch()
		if v := recover(); v != nil {
			e.aborted = true
			if e.hijacked {
				_ = e.taken.Close() // nobody else knows of it any more
			}
			f.o.panicked(&e.x, v)
		}
	}()
	f.o.Handler.ServeExchange(&e.x)
}

// netExchange is an Exchange over net/http.
type netExchange struct {
	x        Exchange
	front    *netFront
	conn     *netConn
	w        http.ResponseWriter
	r        *http.Request
	ctl      *http.ResponseController // nil until it is needed
	words    words
	head     []byte
	spans    []span
	fields   []Field
	trailer  []Field
	buffered bool // something was written and not flushed
	drop     bool // the response has no body
	left     int64
	aborted  bool
	closing  bool
	busy     uint32 // the ticker's period in which it began; 0 is free; the front's to lock

	mu       sync.Mutex
	watcher  Gone
	stop     func() bool   // ends the watch of the context
	watched  chan struct{} // closed when ClientGone has returned
	hijacked bool
	taken    net.Conn    // what Hijack gave
	bodyErr  error       // of the body, io.EOF included; its reader's
	got      int64       // bytes of it; its reader's
	cut      atomic.Bool // bodyErr is none but io.EOF
	stopped  atomic.Bool // StopBody was called
}

// span are the offsets of one field in head.
type span struct{ name, nameEnd, value, valueEnd int }

func (e *netExchange) begin(f *netFront, conn *netConn, w http.ResponseWriter, r *http.Request) {
	e.front, e.conn, e.w, e.r = f, conn, w, r
	if r.Body != http.NoBody {
		e.control() // here, because both the body's reader and the response ask for it
		if r.ProtoMajor == 1 {
			// Without it net/http reads the body to its end before it sends a response.
			_ = e.ctl.EnableFullDuplex() // HTTP/1 has it
		}
	}
	e.compose()
	x := &e.x
	x.native = e
	x.Major, x.Minor = r.ProtoMajor, r.ProtoMinor
	x.Length = r.ContentLength
	x.Expect = x.Length != 0 && http1.EqualFold([]byte(r.Header.Get("Expect")), "100-continue")
	x.Upgrade = r.ProtoMajor == 1 && r.Header.Get("Upgrade") != "" && lists(r.Header["Connection"], "upgrade")
	if r.RemoteAddr != "@" { // net/http's name for the peer of a Unix socket
		x.Client = append(x.Client[:0], r.RemoteAddr...)
	}
	x.Local = conn.LocalAddr()
	x.TLS = r.TLS
	if t, ok := conn.Conn.(*tls.Conn); ok && x.TLS == nil { // HTTP/2's :scheme is only what the client says
		state := t.ConnectionState()
		x.TLS = &state
	}
	x.Start = time.Now()
	e.closing = r.Close || lists(r.Header["Connection"], "close")
}

func lists(values []string, lower string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return http1.Lists([]byte(v), lower) })
}

// compose writes the head out as text, which is what a native request is, and
// cuts the Exchange's slices from it.
func (e *netExchange) compose() {
	r, x := e.r, &e.x
	b, spans := e.head[:0], e.spans[:0]
	b = append(b, r.Method...)
	target := len(b)
	b = append(b, originForm(r)...)
	host := len(b)
	b = append(b, r.Host...)
	end := len(b)
	if r.ProtoMajor == 1 {
		n := len(b)
		b = append(append(b, "Host"...), r.Host...)
		spans = append(spans, span{n, n + 4, n + 4, len(b)})
	}
	for name, values := range r.Header {
		for _, v := range values {
			n := len(b)
			b = append(append(b, name...), v...)
			spans = append(spans, span{n, n + len(name), n + len(name), len(b)})
		}
	}
	for name := range r.Trailer { // net/http has taken the announcement out
		n := len(b)
		b = append(append(b, "Trailer"...), name...)
		spans = append(spans, span{n, n + 7, n + 7, len(b)})
	}
	e.head, e.spans = b, spans
	e.fields = e.fields[:0]
	for _, s := range spans {
		e.fields = append(e.fields, http1.MakeAt(b, s.name, s.nameEnd, s.value, s.valueEnd))
	}
	x.head, x.Fields = b, e.fields
	x.Method, x.Target, x.Host = b[:target], b[target:host], b[host:end]
	x.methodAt, x.targetAt, x.hostAt = 0, int32(target), int32(host)
}

// originForm cuts scheme and authority off an absolute-form target.
func originForm(r *http.Request) string {
	t := r.RequestURI
	if strings.HasPrefix(t, "/") || r.URL.Host == "" || r.Method == http.MethodConnect {
		return t
	}
	_, rest, _ := strings.Cut(t, "//")
	if i := strings.IndexAny(rest, "/?"); i >= 0 && rest[i] == '/' {
		return rest[i:]
	} else if i >= 0 {
		return "/" + rest[i:]
	}
	return "/"
}

// end forgets what belongs to the request, and keeps the memory.
func (e *netExchange) end() {
	client := e.x.Client[:0]
	e.x = Exchange{Client: client}
	e.w, e.r, e.ctl, e.front, e.conn = nil, nil, nil, nil, nil
	e.trailer, e.bodyErr, e.hijacked, e.taken, e.got = nil, nil, false, nil, 0
	e.cut.Store(false)
	e.stopped.Store(false)
	e.buffered, e.drop, e.aborted, e.closing, e.left = false, false, false, false, 0
}

func (e *netExchange) control() *http.ResponseController {
	if e.ctl == nil {
		e.ctl = http.NewResponseController(e.w)
	}
	return e.ctl
}
