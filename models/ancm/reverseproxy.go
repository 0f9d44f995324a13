package ancm

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"strings"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/iisintegration"
	"ancmbench/models/internal/caller"
)

// NewReverseProxy returns a handler that forwards with httputil.ReverseProxy and
// http.Transport instead of the lean client. It is a rung of the breakdown, and tests
// compare the forwarder with it. It uses Backends, Timeout (for the response head),
// DialTimeout and NoReuse of f.
func NewReverseProxy(f *Forwarder) httpsys.Handler {
	dialer := &net.Dialer{Timeout: orDefault(f.DialTimeout, 10*time.Second)}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if b, ok := ctx.Value(backendKey{}).(*Backend); ok {
				return dialer.DialContext(ctx, b.network(), b.Address)
			}
			return dialer.DialContext(ctx, network, address)
		},
		MaxIdleConnsPerHost:   orDefault(f.MaxIdle, 512),
		ResponseHeaderTimeout: f.timeout(),
		ExpectContinueTimeout: orDefault(f.ContinueTimeout, time.Second),
		DisableKeepAlives:     f.NoReuse,
		DisableCompression:    true,
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       rewrite,
		Transport:     transport,
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0), // errors are sub-statuses here
		ErrorHandler:  proxyError,
	}
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b := f.Backends.Ready()
		if b == nil {
			var err error
			if b, err = f.Backends.Start(r.Context()); err != nil {
				var failure *Failure
				if !errors.As(err, &failure) {
					err = StartFailed(err, "", nil)
				}
				proxyError(w, r, err)
				return
			}
		}
		b.busy.Add(1)
		defer b.busy.Add(-1)
		ctx := context.WithValue(r.Context(), backendKey{}, b)
		if who, ok := iisintegration.User(ctx); ok && b.Callers != nil {
			passed, err := b.Callers.Pass(who, passTimeout)
			if err != nil {
				proxyError(w, r, err)
				return
			}
			defer b.Callers.Release(passed)
			ctx = context.WithValue(ctx, callerKey{}, passed)
		}
		proxy.ServeHTTP(w, r.WithContext(ctx))
	})
	return &InProcess{Handler: app, MaxBody: -1}
}

type (
	backendKey struct{}
	callerKey  struct{}
)

// rewrite changes the outgoing request into the one that the forwarder would send.
func rewrite(p *httputil.ProxyRequest) {
	b := p.In.Context().Value(backendKey{}).(*Backend)
	out := p.Out
	out.URL.Scheme = "http"
	out.URL.Host = b.Address
	if b.network() == "unix" {
		out.URL.Host = "app" // any name: the dialer knows better, and one pool per name
	}
	out.Host = p.In.Host
	for name := range out.Header {
		if strings.HasPrefix(name, "Ms-Aspnetcore") {
			delete(out.Header, name)
		}
	}
	out.Header.Set("MS-ASPNETCORE-TOKEN", b.Token)
	if who, ok := p.In.Context().Value(callerKey{}).(*caller.Passed); ok {
		out.Header.Set("MS-ASPNETCORE-WINAUTHTOKEN", string(who.Append(nil)))
	}
	scheme := "http"
	if p.In.TLS != nil {
		scheme = "https"
	}
	out.Header["X-Forwarded-Proto"] = []string{joined(p.In.Header["X-Forwarded-Proto"], scheme)}
	if _, err := netip.ParseAddrPort(p.In.RemoteAddr); err == nil {
		out.Header["X-Forwarded-For"] = []string{joined(p.In.Header["X-Forwarded-For"], p.In.RemoteAddr)}
	}
}

func joined(before []string, last string) string {
	return strings.Join(append(before[:len(before):len(before)], last), ", ")
}

func proxyError(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	var failure *Failure
	if !errors.As(err, &failure) {
		failure = badGateway(err)
	}
	if native, ok := w.(*response); ok {
		native.fail(failure)
	}
}

// fail answers on the native exchange, so that the sub-status reaches the log.
func (w *response) fail(f *Failure) {
	w.status, w.sent = f.Status, true
	w.asked.closeIfCut()
	w.x.Error(f.Status, f.Substatus, f.ContentType, f.Body, f.Err)
}
