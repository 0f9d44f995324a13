package iisintegration

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"ancmbench/models/internal/caller"
)

// The fields between module and app, in net/http's spelling.
const (
	tokenField    = "Ms-Aspnetcore-Token"
	eventField    = "Ms-Aspnetcore-Event"
	certField     = "Ms-Aspnetcore-Clientcert"
	winAuthField  = "Ms-Aspnetcore-Winauthtoken"
	forField      = "X-Forwarded-For"
	protoField    = "X-Forwarded-Proto"
	originalFor   = "X-Original-For"
	originalProto = "X-Original-Proto"
)

// Options are what the module tells the app.
type Options struct {
	// Token is the pairing token. Empty turns the whole middleware off: the app
	// does not run behind the module.
	Token string
	// PathBase is the application's path, "/" or "/app"; empty means "/".
	PathBase string
	// Shutdown is called when the module asks the app to stop, after the request
	// was answered with 202, and at most once per request. It must not block. If
	// nil the request is answered all the same.
	Shutdown func()
	// Callers are the identities that the module passes (WA-02). If nil, the field that
	// names one is removed, and requests have no user.
	Callers *caller.Receiver
}

// FromEnvironment reads ASPNETCORE_TOKEN and ASPNETCORE_APPL_PATH.
func FromEnvironment() Options {
	return Options{Token: os.Getenv("ASPNETCORE_TOKEN"), PathBase: os.Getenv("ASPNETCORE_APPL_PATH")}
}

// New returns next behind the middleware (OP-11, OP-12, OP-16). A request without
// exactly one correct token gets 400 and an empty body.
func New(next http.Handler, o Options) http.Handler {
	if o.Token == "" {
		return next
	}
	base := strings.TrimRight(o.PathBase, "/")
	m := &middleware{next: next, token: []byte(o.Token), base: base, shutdown: o.Shutdown, callers: o.Callers}
	return m
}

type middleware struct {
	next     http.Handler
	token    []byte
	base     string // "" or "/app"
	shutdown func()
	callers  *caller.Receiver
}

func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !m.paired(r.Header[tokenField]) {
		refuse(w)
		return
	}
	if r.Method == http.MethodPost && r.Header.Get(eventField) != "" && r.URL.Path == m.base+"/iisintegration" {
		m.event(w, r)
		return
	}
	delete(r.Header, tokenField)
	if handles := r.Header[winAuthField]; handles != nil {
		delete(r.Header, winAuthField)
		if m.callers != nil {
			who, ok := m.taken(handles)
			if !ok { // the module says that this is somebody: then it is not nobody
				refuse(w)
				return
			}
			r = r.WithContext(WithUser(r.Context(), who))
		}
	}
	forwarded(r)
	if m.base != "" {
		r = m.rebase(r)
	}
	m.next.ServeHTTP(w, r)
}

func refuse(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusBadRequest)
}

func (m *middleware) taken(handles []string) (Identity, bool) {
	if len(handles) != 1 {
		return Identity{}, false
	}
	return m.callers.Take(handles[0])
}

// paired compares in constant time; the length of a token is no secret.
func (m *middleware) paired(got []string) bool {
	return len(got) == 1 && subtle.ConstantTimeCompare([]byte(got[0]), m.token) == 1
}

// event answers the module's shutdown event.
func (m *middleware) event(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Length", "0")
	if !strings.EqualFold(r.Header.Get(eventField), "shutdown") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_ = http.NewResponseController(w).Flush() // the module waits for it; if it has gone, all the more reason to stop
	if m.shutdown != nil {
		m.shutdown()
	}
}

// forwarded takes the right-most entry of X-Forwarded-For and -Proto, which the
// module has written, and keeps what was there before. An entry that is no
// address or scheme stays where it is.
func forwarded(r *http.Request) {
	if rest, last, ok := cutLast(r.Header[forField]); ok {
		if addr, err := netip.ParseAddrPort(last); err == nil {
			keep(r.Header, forField, rest, originalFor, r.RemoteAddr)
			r.RemoteAddr = addr.String()
		} else if addr, err := netip.ParseAddr(strings.Trim(last, "[]")); err == nil {
			keep(r.Header, forField, rest, originalFor, r.RemoteAddr)
			r.RemoteAddr = netip.AddrPortFrom(addr, 0).String()
		}
	}
	if rest, last, ok := cutLast(r.Header[protoField]); ok && schemeLike(last) {
		was := "http"
		if r.TLS != nil {
			was = "https"
		}
		keep(r.Header, protoField, rest, originalProto, was)
		r.URL.Scheme = strings.ToLower(last)
	}
}

// cutLast splits the last entry off the comma-separated lists.
func cutLast(lines []string) (rest []string, last string, ok bool) {
	if len(lines) == 0 {
		return nil, "", false
	}
	n := len(lines) - 1
	before, after, found := cutLastComma(lines[n])
	if !found {
		return lines[:n], strings.TrimSpace(lines[n]), true
	}
	return append(lines[:n:n], strings.TrimSpace(before)), strings.TrimSpace(after), true
}

func cutLastComma(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ',')
	if i < 0 {
		return "", "", false
	}
	return s[:i], s[i+1:], true
}

// keep leaves the older entries under their name, or nothing, and saves what the
// connection itself said.
func keep(h http.Header, name string, rest []string, original, was string) {
	if len(rest) == 0 {
		delete(h, name)
	} else {
		h[name] = rest
	}
	h[original] = []string{was}
}

func schemeLike(s string) bool {
	return strings.EqualFold(s, "http") || strings.EqualFold(s, "https")
}

type baseKey struct{}

// PathBase returns the part of the path that is the application's own path, "" at the
// root of the site.
func PathBase(ctx context.Context) string {
	base, _ := ctx.Value(baseKey{}).(string)
	return base
}

// WithPathBase takes base off the front of the request's path and remembers it; a
// request outside of base stays as it is. Case does not matter, as in IIS.
func WithPathBase(r *http.Request, base string) *http.Request {
	path := r.URL.Path
	if len(path) < len(base) || !strings.EqualFold(path[:len(base)], base) ||
		len(path) > len(base) && path[len(base)] != '/' {
		return r
	}
	q := r.WithContext(context.WithValue(r.Context(), baseKey{}, path[:len(base)]))
	u := new(url.URL)
	*u = *r.URL
	u.Path, u.RawPath = path[len(base):], cutRaw(r.URL.RawPath, len(base))
	q.URL = u
	return q
}

// cutRaw cuts n decoded bytes off an encoded path.
func cutRaw(raw string, n int) string {
	i := 0
	for ; n > 0 && i < len(raw); n-- {
		if raw[i] == '%' {
			i += 2
		}
		i++
	}
	return raw[min(i, len(raw)):]
}

func (m *middleware) rebase(r *http.Request) *http.Request { return WithPathBase(r, m.base) }

// ClientCertificate returns the client's certificate as the module passes it on,
// base64 of its DER form; empty if there is none.
func ClientCertificate(r *http.Request) string { return r.Header.Get(certField) }
