package peers

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// Variables that make this binary a server to be started, or a program that
// starts one and is then killed.
const (
	serverEnv = "PEERS_TEST_SERVER"
	parentEnv = "PEERS_TEST_PARENT"
)

func TestMain(m *testing.M) {
	// The race detector sleeps for a second when a process ends.
	os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	if kind := os.Getenv(serverEnv); kind != "" {
		os.Exit(testServer(kind))
	}
	if what := os.Getenv(parentEnv); what != "" {
		os.Exit(testParent(what))
	}
	os.Exit(m.Run())
}

var asked atomic.Int32 // questions to a slow server's /health

// testServer returns a server in Go, well behaved or not.
func testServer(kind string) int {
	address := "127.0.0.1:" + os.Getenv("PORT")
	switch kind {
	case "never":
		fmt.Println("listening is beneath me")
		select {}
	case "elsewhere":
		address = "127.0.0.1:0"
	case "told":
		address = net.JoinHostPort(os.Getenv("ANCMBENCH_HOST"), os.Getenv("PORT"))
	case "all":
		address = ":" + os.Getenv("PORT")
	case "interrupted": // ends in its own way, and only then
		signal.Ignore(syscall.SIGTERM)
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGINT)
		go func() {
			<-asked
			fmt.Println("asked in the right way")
			os.Exit(0)
		}()
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	case "secretive":
		fmt.Println("password", os.Getenv("TEST_PASSWORD"), "lines", strings.ReplaceAll(os.Getenv("TEST_LINES"), "\n", "|"), "short", os.Getenv("TEST_SHORT"))
		return 3
	}
	network := "tcp"
	if at := os.Getenv("ANCMBENCH_SOCKET"); at != "" {
		network, address = "unix", at
	}
	l, err := net.Listen(network, address)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/end" {
			fmt.Println("I have had enough")
			os.Exit(4)
		}
		if kind == "slow" && r.URL.Path == "/health" && asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if r.URL.Path == "/health" {
			fmt.Println("healthy")
		}
		fmt.Fprint(w, "go ", os.Getpid(), " ", strings.Join(os.Args[1:], " "))
	}))
	if backend, ok := strings.CutPrefix(kind, "proxy-noreuse "); ok {
		p := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: backend})
		p.Transport = &http.Transport{DisableKeepAlives: true}
		handler = p
	}
	fmt.Println("listening on", l.Addr())
	fmt.Println(http.Serve(l, handler))
	return 1
}

// testParent starts a server, says where it is, and waits to be killed. what is
// the cgroup and the command line, or "proxy:" and its kind and backend.
func testParent(what string) int {
	os.Unsetenv(parentEnv)
	cgroup, line, _ := strings.Cut(what, "|")
	var s *Server
	var err error
	if kind, ok := strings.CutPrefix(line, "proxy:"); ok {
		kind, backend, _ := strings.Cut(kind, " ")
		s, err = Proxy{Kind: kind, Backend: backend, Cgroup: cgroup}.Start(context.Background())
	} else {
		s, err = Command{Line: line, Cgroup: cgroup}.Start(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.Address())
	<-s.Done()
	return 1
}
