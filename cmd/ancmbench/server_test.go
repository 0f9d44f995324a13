package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"strings"
	"sync/atomic"
)

// server is a program of a user's, this binary with programEnv set to "server". It listens
// where it is told, forwards to what it stands before, and ends itself from its second start
// on if DIES names the file in which it counts them.
func server() {
	network, address := "tcp", "127.0.0.1:"+os.Getenv("PORT")
	if at := os.Getenv("ANCMBENCH_SOCKET"); at != "" {
		network, address = "unix", at
	}
	l, err := net.Listen(network, address)
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	if upstream := os.Getenv("ANCMBENCH_UPSTREAM"); upstream != "" {
		to, at := "tcp", upstream
		if path, isUnix := strings.CutPrefix(upstream, "unix:"); isUnix {
			to, at = "unix", path
		}
		handler = &httputil.ReverseProxy{Director: func(r *http.Request) { r.URL.Scheme, r.URL.Host = "http", "upstream" },
			Transport: &http.Transport{MaxIdleConnsPerHost: 100, DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial(to, at) }}}
	}
	if file := os.Getenv("DIES"); file != "" {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.WriteString("x")
		}
		info, err2 := os.Stat(file)
		if err != nil || err2 != nil {
			return
		}
		if info.Size() > 1 {
			handler = dying(handler)
		}
	}
	fmt.Println("listening on", l.Addr())
	_ = http.Serve(l, handler)
}

func dying(h http.Handler) http.Handler {
	var asked atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > 10 {
			fmt.Println("I have had enough")
			os.Exit(7)
		}
		h.ServeHTTP(w, r)
	})
}
