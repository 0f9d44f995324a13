package usage

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// More roles of childRole, each with its argument after a space.
//
//	serve NETWORK:ADDRESS         an HTTP server; it says its address
//	proxy /PATH=NETWORK:ADDRESS…  a proxy that keeps its connections; it says its address
//	fresh /PATH=NETWORK:ADDRESS…  the same, with a connection per request
//	look ADDRESS /PATH PID        asks a proxy, and says what it finds behind it, and of a process
//	parent                        runs a "burn" for each line it reads, and says what that used
func play(role string) {
	role, arg, _ := strings.Cut(role, " ")
	switch role {
	case "serve":
		serve(arg, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello") }))
	case "proxy", "fresh":
		mux := http.NewServeMux()
		for _, route := range strings.Fields(arg) {
			path, to, _ := strings.Cut(route, "=")
			mux.Handle(path, forward(to, role == "fresh"))
		}
		serve("tcp:127.0.0.1:0", mux)
	case "look":
		look(arg)
	case "parent":
		lines := bufio.NewScanner(os.Stdin)
		fmt.Println("ready 0 <nil>")
		for lines.Scan() {
			exe, _ := os.Executable()
			c := exec.Command(exe)
			c.Env = append(os.Environ(), childRole+"=burn", "GORACE=atexit_sleep_ms=0")
			out, err := c.Output()
			fmt.Printf("%s %v\n", strings.TrimSpace(string(out)), err)
		}
		os.Exit(0)
	}
}

// serve serves at an address "network:address", says which, and ends with its input.
func serve(at string, h http.Handler) {
	network, address, _ := strings.Cut(at, ":")
	l, err := net.Listen(network, address)
	if err != nil {
		fmt.Println("ready 0", err)
		os.Exit(1)
	}
	fmt.Println("ready 0 <nil>")
	fmt.Println(l.Addr())
	go func() { _ = http.Serve(l, h) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func forward(to string, fresh bool) http.Handler {
	network, address, _ := strings.Cut(to, ":")
	p := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "app"})
	p.Transport = &http.Transport{DisableKeepAlives: fresh, MaxIdleConnsPerHost: 16,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		}}
	return p
}

// startServer starts a role that serves, and returns its address.
func startServer(t *testing.T, role string, change func(*exec.Cmd)) (c *child, address string) {
	t.Helper()
	c = startChild(t, role, change)
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%s: %v", role, err)
	}
	return c, strings.TrimSpace(line)
}

// ask sends n requests, one after another on one connection.
func ask(t *testing.T, address, path string, n int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	for range n {
		res, err := client.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", path, res.Status)
		}
	}
}
