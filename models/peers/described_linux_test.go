package peers

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// asked returns the answer of a server to GET /, wherever it listens.
func answerOf(t *testing.T, s *Server) string {
	t.Helper()
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial(s.Network(), s.Address()) }}}
	a, err := c.Get("http://localhost/")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A program with arguments is started without a shell, with its words replaced.
func TestArgumentsNeedNoShell(t *testing.T) {
	s := start(t, Command{Args: []string{os.Args[0], "a b", "$HOME", "{port}", "{upstream}", "{dir}"}, Upstream: "127.0.0.1:1",
		Env: []string{serverEnv + "=good"}, Files: []ancmbench.ServerFile{{Name: "conf/x", Text: "port {port} of {dir} before {upstream} {other}"}}})
	_, port, _ := net.SplitHostPort(s.Address())
	if got, want := answerOf(t, s), "a b $HOME "+port+" 127.0.0.1:1 "+s.private; !strings.HasSuffix(got, want) {
		t.Errorf("it was given %q, want %q", got, want)
	}
	if pids, err := s.PIDs(); err != nil || len(pids) != 1 {
		t.Errorf("processes %v, %v: there is a shell", pids, err)
	}
	text, err := os.ReadFile(filepath.Join(s.private, "conf", "x"))
	if want := "port " + port + " of " + s.private + " before 127.0.0.1:1 {other}"; err != nil || string(text) != want {
		t.Errorf("the file has %q, want %q (%v)", text, want, err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(s.private); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
}

// A server that listens on a Unix socket is ready when somebody listens there, and another
// can stand before it.
func TestUnixSocket(t *testing.T) {
	s := start(t, Command{Line: goServer("good") + " {socket}", Cgroup: newTraces(t).cgroup})
	if s.Network() != "unix" || !filepath.IsAbs(s.Address()) || s.Upstream() != "unix:"+s.Address() {
		t.Fatalf("it listens on %s %s, upstream %s", s.Network(), s.Address(), s.Upstream())
	}
	if got := answerOf(t, s); !strings.HasSuffix(got, " "+s.Address()) {
		t.Errorf("answer %q", got)
	}
	before := start(t, Command{Line: goServer("good") + " {port} {upstream} {upstream-socket}", Upstream: s.Upstream()})
	if got := answerOf(t, before); !strings.HasSuffix(got, " unix:"+s.Address()+" "+s.Address()) {
		t.Errorf("answer %q", got)
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), strings.Repeat("x", 100)))
	if err := os.MkdirAll(os.Getenv("TMPDIR"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Command{Line: "x {socket}"}.Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "set TMPDIR to a shorter folder") {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Start waits for the line and for the answer that show that a server is ready, and says
// which one never came.
func TestReady(t *testing.T) {
	within := ancmbench.Seconds(30 * time.Second)
	s := start(t, Command{Line: goServer("slow"), Ready: ancmbench.Ready{HTTP: "/health", Status: 200, Log: "listening on 127", Within: within}})
	if !strings.Contains(s.LogTail(), "listening on") {
		t.Errorf("it is ready after %q", s.LogTail())
	}
	const soon = ancmbench.Seconds(400 * time.Millisecond)
	for _, c := range []struct {
		ready ancmbench.Ready
		want  []string
	}{
		{ancmbench.Ready{Log: "at your service", Within: soon}, []string{`no line of its output has "at your service" within`, "listening on 127.0.0.1"}},
		{ancmbench.Ready{HTTP: "/health", Status: 204, Within: soon}, []string{"answers 200 to GET /health, not 204, within", "healthy"}},
	} {
		for {
			_, err := Command{Line: goServer("good"), Ready: c.ready}.Start(t.Context())
			if err == nil {
				t.Fatalf("%+v: it starts", c.ready)
			}
			lacks := slices.DeleteFunc(slices.Clone(c.want), func(w string) bool { return strings.Contains(err.Error(), w) })
			if len(lacks) == 0 && errors.Is(err, ErrNotReady) {
				break
			}
			if c.ready.Within *= 4; c.ready.Within.D() > 30*time.Second { // on a busy machine it had come to nothing
				t.Fatalf("%+v: %v lacks %q", c.ready, err, lacks)
			}
		}
	}
}

// A server is asked to end by the signal that it understands.
func TestSignal(t *testing.T) {
	s := start(t, Command{Line: "exec env " + goServer("interrupted"), Signal: "SIGINT", Grace: time.Minute})
	if err := s.Stop(t.Context()); err != nil || !strings.Contains(s.LogTail(), "asked in the right way") {
		t.Errorf("%v; %s", err, s.LogTail())
	}
	s = start(t, Command{Line: goServer("stubborn"), Signal: "SIGKILL", Grace: time.Hour})
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// What a server writes is kept in its file, also across its starts and when it fails.
func TestLogIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.log")
	for range 2 {
		if err := start(t, Command{Line: goServer("good"), Log: file}).Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := (Command{Line: "echo no luck; exit 3", Log: file}).Start(t.Context()); err == nil {
		t.Error("it starts")
	}
	text, err := os.ReadFile(file)
	if got := string(text); err != nil || strings.Count(got, "listening on") != 2 || !strings.HasSuffix(got, "no luck\n") {
		t.Errorf("the file has %q, %v", got, err)
	}
	if _, err := (Command{Line: "true", Log: filepath.Join(file, "x")}).Start(t.Context()); err == nil || !strings.Contains(err.Error(), "log: ") {
		t.Errorf("error %v", err)
	}
}

// Spawn does not wait, and leaves nothing.
func TestSpawn(t *testing.T) {
	tr := newTraces(t)
	s, err := Command{Line: goServer("never"), Cgroup: tr.cgroup}.Spawn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tr.watch(t, s.tree.root, s.Address())
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	tr.none(t)
}
