package main

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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

// TestServersOfTheUser measures Node's http server direct and behind Debian's
// nginx: the same table as for the bundled models, with the processes found by
// the ports they listen on, and what stands behind the proxy by its connections.
func TestServersOfTheUser(t *testing.T) {
	t.Parallel()
	node, pid := startNode(t)
	other, _ := startNode(t)
	nginx := startNginx(t, node, other)
	res, err := http.Get("http://127.0.0.1:" + nginx + "/other") // nginx keeps the connection to it
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	var c *exec.Cmd
	var run *ancmbench.Run
	for range 5 {
		mark := newMark(t)
		c = command(t, mark, "run", "--profile=smoke", "--rate=300", "--out=out", "-v",
			"--target", "direct=http://127.0.0.1:"+node+"/", "--target", "behind=http://127.0.0.1:"+nginx+"/")
		if err := c.Run(); err != nil {
			stdout, stderr := output(c)
			t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
		}
		assertNothingLeft(t, mark, c.Process.Pid)
		if run, err = ancmbench.ReadRun(filepath.Join(c.Dir, "out")); err != nil {
			t.Fatal(err)
		}
		if !amongStrangers(run) {
			break
		}
	}
	stdout, _ := output(c)
	for _, want := range []string{string(ancmbench.SubjectServers), "direct", "behind", "response p50", "CPU per request", "memory loaded", "300",
		"processes counted", "listens on 127.0.0.1:" + nginx, "the connection of nginx to 127.0.0.1:" + node + " carried", "one process serves two targets"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the summary lacks %q:\n%s", want, stdout)
		}
	}
	checkServersRun(t, run)
	checkProcesses(t, run, pid)
	page, err := os.ReadFile(filepath.Join(c.Dir, "out", reportFile))
	if want := "listens on 127.0.0.1:" + nginx; err != nil || !strings.Contains(string(page), want) {
		t.Errorf("the report does not list the processes (%q): %v", want, err)
	}
}

// amongStrangers reports whether a run could not tell its own connections from those of another
// program on this host, another test, which opened as many at the time.
func amongStrangers(run *ancmbench.Run) bool {
	for _, r := range run.Results {
		for _, u := range r.Usage {
			for _, why := range u.Unsupported {
				if strings.Contains(why, "and nobody saw who opened them") || strings.HasPrefix(why, "others ask the server at ") {
					return true
				}
			}
		}
	}
	return false
}

// checkProcesses: behind nginx the app that it asks is counted, and no other; what the app
// does for one target is not the background of the other.
func checkProcesses(t *testing.T, run *ancmbench.Run, app int) {
	t.Helper()
	var nginx, upstream []int
	for _, p := range run.Targets[1].Processes {
		switch {
		case p.Role == ancmbench.RoleServer && p.Name == "nginx":
			nginx = append(nginx, p.PID)
		case p.Role == ancmbench.RoleUpstream:
			upstream = append(upstream, p.PID)
		default:
			t.Errorf("counted: %+v", p)
		}
	}
	if len(nginx) != 2 || !slices.Equal(upstream, []int{app}) { // master and worker
		t.Errorf("nginx %v, upstream %v; want two, and %d alone", nginx, upstream, app)
	}
	if d := run.Targets[0].Processes; len(d) != 1 || d[0].PID != app {
		t.Errorf("direct: %+v, want %d alone", d, app)
	}
	for _, r := range run.Results {
		for _, w := range r.Warnings {
			if w.Code == ancmbench.WarnBackgroundCPU && w.Target == "direct" {
				t.Errorf("the app works for behind, and that is called the background of direct: %+v", w)
			}
		}
		for _, u := range r.Usage {
			if r.PhaseKind == ancmbench.Latency && u.CPU == nil {
				t.Errorf("%s, %s of %s: %v", r.Phase, u.Role, r.Target, u.Unsupported)
			}
		}
	}
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

func startNode(t *testing.T) (port string, pid int) {
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
	return strings.TrimSpace(line), c.Process.Pid
}

func startNginx(t *testing.T, upstream, other string) (port string) {
	t.Helper()
	return nginxAt(t, `proxy_http_version 1.1; proxy_set_header Connection "";
location / { proxy_pass http://app; }
location /other { proxy_pass http://other; }`,
		"upstream app { server 127.0.0.1:"+upstream+"; keepalive 32; }", "upstream other { server 127.0.0.1:"+other+"; keepalive 32; }")
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
