package main

import (
	"errors"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// backendEnv makes this program a reverse proxy; its value is host:port.
const backendEnv = "PEERS_BACKEND"

// reverseProxy is the proxy that a Go programmer writes: net/http on both sides,
// httputil.ReverseProxy between, idle backend connections kept (by default only
// two are, which would measure connecting).
func reverseProxy(port, backend string) error {
	if port == "" {
		return errors.New("the variable PORT is missing")
	}
	to := &url.URL{Scheme: "http", Host: backend}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 4096, DisableCompression: true},
	}
	return (&http.Server{Addr: "127.0.0.1:" + port, Handler: proxy}).ListenAndServe()
}
