package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// nodeServer is a server of the user's: it tells its port once it listens.
const nodeServer = `
const http = require('http');
const body = 'Hello, World!';
const s = http.createServer((q, r) => { r.writeHead(200, {'Content-Type': 'text/plain', 'Content-Length': body.length}); r.end(body); });
s.keepAliveTimeout = 60000;
s.listen(0, '127.0.0.1', () => console.log(s.address().port));
`

const nginxConfig = `
daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 256; }
http {
  access_log off; client_body_temp_path %[1]s/b; proxy_temp_path %[1]s/p; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
  upstream app { server 127.0.0.1:%[2]s; keepalive 32; }
  server { listen 127.0.0.1:%[3]s; location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
`

// TestServersOfTheUser measures Node's http server direct and behind Debian's
// nginx: the same table as for the bundled models, with the processes found by
// the ports they listen on, and what stands behind the proxy by its connections.
func TestServersOfTheUser(t *testing.T) {
	node := startNode(t)
	nginx := startNginx(t, node)
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=smoke", "--rate=300", "--out=out",
		"--target", "direct=http://127.0.0.1:"+node+"/", "--target", "behind=http://127.0.0.1:"+nginx+"/")
	if err := c.Run(); err != nil {
		stdout, stderr := output(c)
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	assertNothingLeft(t, mark, c.Process.Pid)
	stdout, _ := output(c)
	for _, want := range []string{string(ancmbench.SubjectServers), "direct", "behind", "response p50", "CPU per request", "memory loaded", "300"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the summary lacks %q:\n%s", want, stdout)
		}
	}
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	checkServersRun(t, run)
}

func checkServersRun(t *testing.T, run *ancmbench.Run) {
	if got := run.Targets[1].Roles; !slices.Equal(got, []ancmbench.Role{"server", "upstream"}) {
		t.Errorf("behind nginx the roles are %v, want server and upstream", got)
	}
	for _, r := range run.Results {
		if r.PhaseKind == ancmbench.ColdStart || r.PhaseKind == ancmbench.Peak {
			t.Errorf("a %s phase was run on a server that we did not start", r.PhaseKind)
		}
		if limit := r.Arrivals.Rate * r.Busy.Float() * 1.25; r.PhaseKind == ancmbench.Latency && float64(r.Outcomes.Due) > limit {
			t.Errorf("%s got %d requests in %v at %v/s", r.Target, r.Outcomes.Due, r.Busy, r.Arrivals.Rate)
		}
	}
	// The rate is never exceeded by more than 1 %: over the planned time.
	for _, trial := range run.Plan {
		for _, r := range run.Results {
			if r.Trial == trial.Index && r.PhaseKind == ancmbench.Latency {
				if limit := 300 * trial.Phase.Duration.Float() * 1.01; float64(r.Outcomes.Due) > limit+1 {
					t.Errorf("trial %d: %s got %d requests, at most %.0f are allowed", trial.Index, r.Target, r.Outcomes.Due, limit)
				}
			}
		}
	}
}

func startNode(t *testing.T) (port string) {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("skipped: no node on this machine")
	}
	c := exec.Command(path, "-e", nodeServer)
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	start(t, c)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal("node told no port: ", err)
	}
	return strings.TrimSpace(line)
}

func startNginx(t *testing.T, upstream string) (port string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path = "/usr/sbin/nginx"; !exists(path) {
			t.Skip("skipped: no nginx on this machine (Debian: nginx-light)")
		}
	}
	dir := t.TempDir()
	port = freePort(t)
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, upstream, port), 0o644); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command(path, "-p", dir, "-c", config))
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			conn.Close()
			return port
		}
		time.Sleep(10 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(dir, "error.log"))
	t.Fatalf("nginx does not listen: %s", log)
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func start(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	})
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
