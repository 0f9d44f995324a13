package ancm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
	"ancmbench/models/iisintegration"
)

// DefaultMaxBody is the largest request body in bytes, as IISServerOptions has
// it (BM-06).
const DefaultMaxBody = 30_000_000

// InProcess hosts an app in this process and calls it: the IISHttpServer role. A
// native request becomes the app's http.Request and its http.ResponseWriter
// becomes the native response; no HTTP is written or parsed in between.
//
// Everything that the app gets is new for each request and never used again. So an app
// that keeps a Request, a header or a context too long reads old values, never those of
// another request. Only memory that cannot escape is reused, and the strings of a head
// are parts of one string.
//
// The app sees what it would see behind net/http: the client's own address,
// sniffed content types, Content-Length for short bodies, HEAD without a body. A
// panic is the front's to handle.
type InProcess struct {
	Handler http.Handler
	// MaxBody is the largest request body in bytes; zero means DefaultMaxBody,
	// negative no limit. A longer Content-Length is answered with 413 without
	// the app; a longer chunked body gives the app a *http.MaxBytesError.
	MaxBody int64
	// PathBase is the application's path; empty or "/" is the root of the site.
	// Behind the module out-of-process the middleware does the same.
	PathBase string
}

// ServeExchange calls the app.
func (p *InProcess) ServeExchange(x *httpsys.Exchange) {
	limit := p.MaxBody
	if limit == 0 {
		limit = DefaultMaxBody
	}
	if limit > 0 && x.Length > limit {
		x.CloseAfter()
		x.Error(http.StatusRequestEntityTooLarge, 0, "", nil, &http.MaxBytesError{Limit: limit})
		return
	}
	c := &call{local: x.Local}
	ctx, cancel := context.WithCancel(c)
	defer cancel()
	c.cancel = cancel
	c.body = body{x: x, limit: limit, left: limit}
	c.response.x, c.response.asked = x, &c.body
	c.response.header = make(http.Header, 4)
	c.response.scratch = scratches.Get().(*scratch)
	if x.User != "" {
		ctx = iisintegration.WithUser(ctx, iisintegration.Identity{Name: x.User, AuthenticationType: x.UserBy})
	}
	r, err := newRequest(ctx, x, c)
	if err != nil {
		x.CloseAfter()
		x.Error(http.StatusBadRequest, 0, "", nil, err)
		return
	}
	if base := strings.TrimRight(p.PathBase, "/"); base != "" {
		r = iisintegration.WithPathBase(r, base)
		c.body.request = r
	}
	c.response.request = r
	if !x.Watch(c) {
		x.Abort()
		return
	}
	defer c.finish(x)
	p.Handler.ServeHTTP(&c.response, r)
	c.response.end()
}

// call is one request on its way through the app. It is also the root of the
// request's context, and knows the values that net/http puts there.
type call struct {
	cancel   context.CancelFunc
	local    net.Addr
	body     body
	response response
	url      url.URL
}

// ClientGone cancels the request's context (IP-04).
func (c *call) ClientGone() { c.cancel() }

// Deadline, Done and Err are those of a context that never ends.
func (c *call) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

// Done returns nil.
func (c *call) Done() <-chan struct{} { return nil }

// Err returns nil.
func (c *call) Err() error { return nil }

// Value knows http.LocalAddrContextKey.
func (c *call) Value(key any) any {
	if key == http.LocalAddrContextKey {
		return c.local
	}
	return nil
}

// finish separates the app's objects from the Exchange, which the front will use for
// another request. It is called after a panic too.
func (c *call) finish(x *httpsys.Exchange) {
	x.Unwatch()
	c.body.close()
	c.response.close()
}

// newRequest returns the app's request. All of its strings are parts of one copy of the
// head.
func newRequest(ctx context.Context, x *httpsys.Exchange, c *call) (*http.Request, error) {
	text := x.Text()
	method, target, host := x.Line(text)
	if err := parseTarget(&c.url, method, target); err != nil {
		return nil, err
	}
	r := http.Request{
		Method: method, URL: &c.url, Host: host, RequestURI: target,
		Proto: "HTTP/1.1", ProtoMajor: x.Major, ProtoMinor: x.Minor,
		Header: headerOf(x, text), ContentLength: x.Length,
		RemoteAddr: string(x.Client), TLS: x.TLS, Body: http.NoBody,
	}
	switch {
	case x.Major == 2:
		r.Proto = "HTTP/2.0"
	case x.Minor == 0:
		r.Proto = "HTTP/1.0"
	}
	if x.Length != 0 {
		r.Body = &c.body
	}
	if x.Length < 0 && x.Major == 1 {
		r.TransferEncoding = []string{"chunked"}
	}
	if t := r.Header["Trailer"]; t != nil && x.Length < 0 {
		r.Trailer = announced(t)
		delete(r.Header, "Trailer")
	}
	q := r.WithContext(ctx)
	c.body.request = q
	return q, nil
}

// parseTarget puts the target's path and query into u. A path without anything to
// decode costs no allocation. It fails if the target is malformed.
func parseTarget(u *url.URL, method, target string) error {
	if target[0] == '/' && (len(target) == 1 || target[1] != '/') && plainPath(target) {
		path, query, asked := strings.Cut(target, "?")
		u.Path, u.RawQuery = path, query
		u.ForceQuery = asked && query == ""
		return nil
	}
	if method == http.MethodConnect {
		u.Host = target
		return nil
	}
	parsed, err := url.ParseRequestURI(target)
	if err != nil {
		return err
	}
	*u = *parsed
	return nil
}

// plainPath reports whether the path needs no decoding and would be written
// again as it is.
func plainPath(target string) bool {
	for i := 0; i < len(target); i++ {
		c := target[i]
		switch {
		case c == '?':
			return true
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '/', c == '-', c == '_', c == '.', c == '~':
		default:
			return false
		}
	}
	return true
}

// headerOf returns the header map, without Host, as net/http does.
func headerOf(x *httpsys.Exchange, text string) http.Header {
	h := make(http.Header, len(x.Fields))
	values := make([]string, 0, len(x.Fields))
	for i := range x.Fields {
		f := &x.Fields[i]
		if f.Kind == http1.Host || f.Kind == http1.TransferEncoding {
			continue
		}
		name, value := f.In(text)
		name = http.CanonicalHeaderKey(name)
		if old, ok := h[name]; ok {
			h[name] = append(old, value)
			continue
		}
		values = append(values, value)
		n := len(values)
		h[name] = values[n-1 : n : n]
	}
	return h
}

func announced(lines []string) http.Header {
	t := http.Header{}
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			switch name {
			case "", "Transfer-Encoding", "Trailer", "Content-Length":
			default:
				t[name] = nil
			}
		}
	}
	return t
}

// body is the request body as the app reads it.
type body struct {
	mu      sync.Mutex
	x       *httpsys.Exchange // nil once the request is over
	limit   int64             // negative is none
	left    int64
	request *http.Request
	err     error
	cut     atomic.Bool // err is none but io.EOF: the connection ends with the response
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.x == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if b.limit >= 0 && int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed, to see whether there is one
	}
	n, err := b.x.ReadBody(p)
	if b.limit >= 0 && int64(n) > b.left {
		n, err = int(b.left), &http.MaxBytesError{Limit: b.limit}
	}
	b.left -= int64(n)
	if err == io.EOF {
		b.takeTrailers()
	} else if err != nil {
		b.cut.Store(true)
	}
	b.err = err
	return n, err
}

// takeTrailers puts the trailers into the request, announced or not, as net/http does.
func (b *body) takeTrailers() {
	for _, f := range b.x.Trailers() {
		if f.Kind != http1.Other && f.Kind != http1.Underscored { // RFC 9110, 6.5.1: no framing, no routing
			continue
		}
		if b.request.Trailer == nil {
			b.request.Trailer = http.Header{}
		}
		b.request.Trailer.Add(string(f.Name), string(f.Value))
	}
}

func (b *body) Close() error { return nil }

// close ends the body with the request. If a goroutine of the app still reads it, close
// stops that first: the client may never send the rest.
func (b *body) close() {
	if !b.mu.TryLock() {
		b.x.StopBody()
		b.mu.Lock()
	}
	b.closeIfCut() // the head may have been sent before
	b.x = nil
	b.mu.Unlock()
}

// closeIfCut ends the connection with the exchange if the body cannot be read to its
// end. Only the handler's goroutine may call it, because another one may be in Read.
func (b *body) closeIfCut() {
	if b.cut.Load() {
		b.x.CloseAfter()
	}
}

// hijacked returns a connection that was taken over, with the bytes that were read of
// it, in the form that net/http gives.
func hijacked(conn net.Conn, read []byte) (net.Conn, *bufio.ReadWriter, error) {
	r := bufio.NewReader(io.MultiReader(bytes.NewReader(read), conn))
	if len(read) > 0 {
		if _, err := r.Peek(len(read)); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, nil, err
		}
	}
	return conn, bufio.NewReadWriter(r, bufio.NewWriter(conn)), nil
}
