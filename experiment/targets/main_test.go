package targets

import (
	"bufio"
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
)

// serverRole makes the test's executable play a server: "ADDRESS", or "ADDRESS /PATH=TARGET
// ..." for a proxy. It says its address and ends with its input.
const serverRole = "ANCMBENCH_TARGETS_SERVER"

func TestMain(m *testing.M) {
	role := strings.Fields(os.Getenv(serverRole))
	if len(role) == 0 {
		os.Exit(m.Run())
	}
	l, err := net.Listen("tcp", role[0])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	mux := http.NewServeMux()
	for _, route := range role[1:] {
		path, to, _ := strings.Cut(route, "=")
		mux.Handle(path, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to}))
	}
	if len(role) == 1 {
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })
	}
	fmt.Println(l.Addr())
	go func() { _ = http.Serve(l, mux) }()
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// played is a server of the role above.
type played struct {
	address string
	pid     int
	end     func()
}

func play(t *testing.T, role ...string) played {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), serverRole+"="+strings.Join(role, " "), "GORACE=atexit_sleep_ms=0")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p := played{pid: c.Process.Pid, end: func() { in.Close(); _ = c.Wait() }}
	t.Cleanup(p.end)
	if p.address, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	p.address = strings.TrimSpace(p.address)
	if _, _, err := net.SplitHostPort(p.address); err != nil {
		t.Fatal(p.address)
	}
	return p
}
