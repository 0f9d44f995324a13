package main

import (
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
)

// backendEnv makes this program a proxy of kindEnv; its value is host:port.
const (
	backendEnv = "PEERS_BACKEND"
	kindEnv    = "PEERS_KIND"
)

func serveAs(kind, port, backend string) error {
	if port == "" {
		return errors.New("the variable PORT is missing")
	}
	if kind == selfRelay {
		return copyingRelay(port, backend)
	}
	return reverseProxy(port, backend)
}

// copyingRelay is the byte relay that a Go programmer writes: two goroutines a
// connection, each of which copies one way through a buffer. io.Copy would splice
// through a pipe, which costs more for short messages.
func copyingRelay(port, backend string) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	for {
		client, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer client.Close()
			app, err := net.Dial("tcp", backend)
			if err != nil {
				return
			}
			defer app.Close()
			go copyUntilEnd(app, client)
			copyUntilEnd(client, app)
		}()
	}
}

// copyUntilEnd ends both connections with the one it reads from.
func copyUntilEnd(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// reverseProxy is the proxy that a Go programmer writes: net/http on both sides,
// httputil.ReverseProxy between, idle backend connections kept (by default only
// two are, which would measure connecting).
func reverseProxy(port, backend string) error {
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
