package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smallGate is the gate's design in a few seconds: too short to decide anything.
const smallGate = `
name: small-gate
launches: 6
rate: 100/s
connections: 4
timeout: 5s
workloads:
  - name: root
    path: /
phases:
  - name: warm-up
    kind: warm-up
    duration: 200ms
    arrivals: closed
  - name: slices
    kind: latency
    duration: 300ms
    arrivals: poisson
    dealing:
      kind: slices
      settle: 10%
      gap: 1ms
  - name: duel
    kind: latency
    duration: 300ms
    arrivals: poisson
    dealing:
      kind: duel
`

// Servers of a user's in languages that are not ours; each is told its port by $PORT.
// They take 3 ms, beside which the generator is not late even where a core takes long to wake.
const (
	nodeGate = `
const http = require('http');
let n = 0;
const s = http.createServer((q, r) => {
  setTimeout(() => {
    r.writeHead(process.env.FAIL_EVERY && ++n % process.env.FAIL_EVERY == 0 ? 500 : 200, {'Content-Length': 5});
    r.end('hello');
  }, 3);
});
s.keepAliveTimeout = 60000;
s.listen(process.env.PORT, '127.0.0.1');
`
	pythonGate = `
import http.server, os, time
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    def do_GET(self):
        time.sleep(0.003)
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
`
)

// liveGate runs a gate of two commands on the small profile, which finds the given
// files in its folder.
func liveGate(t *testing.T, files map[string]string, flags ...string) *exec.Cmd {
	t.Helper()
	mark := newMark(t)
	c := command(t, mark, append([]string{"gate", "--profile=p.yaml", "--out=out", "--junit=j.xml", "--markdown=s.md"}, flags...)...)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "p.yaml"), []byte(smallGate), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { assertNothingLeft(t, mark) })
	return c
}

// A gate that has no time for its first look decides nothing, whatever the server is
// written in.
func TestGateInAnyLanguage(t *testing.T) {
	t.Parallel()
	skipShort(t)
	for name, c := range map[string]struct{ needs, line string }{
		"Go":     {"", "exec ancmbench serve --model=direct --listen=127.0.0.1:{port}"},
		"Node":   {"node", "exec node server.js"},
		"Python": {"python3", "exec python3 server.py"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.needs); c.needs != "" && err != nil {
				t.Skipf("skipped: no %s on this machine", c.needs)
			}
			files := map[string]string{"server.js": nodeGate, "server.py": pythonGate}
			path := map[bool]string{true: "/sleep/3000", false: "/"}[name == "Go"]
			const tries = 2
			for range tries {
				gate := liveGate(t, files, "--base="+c.line, "--head="+c.line, "--path="+path, "--max-time=2s")
				code, outcome := gateLeft(t, gate)
				stdout, _ := output(gate)
				if code == 4 && outcome == "inconclusive" && strings.Contains(strings.Join(strings.Fields(stdout), " "), "and the first look is at 6") {
					if doc, err := os.ReadFile(filepath.Join(gate.Dir, "out", reportFile)); err != nil || !strings.Contains(string(doc), "<h1>Gate: inconclusive</h1>") {
						t.Errorf("the report of the gate does not begin with its verdict (%v)", err)
					}
					return
				}
				if code != 3 || !strings.Contains(stdout, "generator") && !strings.Contains(stdout, "rate") {
					t.Fatalf("without the time for a look: %s, exit code %d", outcome, code)
				}
			}
			t.Skipf("skipped: this machine was too busy to hold 100 requests/s in any of %d gates", tries)
		})
	}
}

// A generator that cannot do what was asked, and a server that fails, make a gate
// invalid, and nothing lets that pass.
func TestGateInvalidLive(t *testing.T) {
	t.Parallel()
	skipShort(t)
	serve := "exec ancmbench serve --model=direct --listen=127.0.0.1:{port}"
	for name, c := range map[string]struct {
		needs string
		flags []string
		says  string
	}{
		"saturated": {"", []string{"--base=" + serve, "--head=" + serve, "--path=/sleep/5000", "--rate=2400", "--max-time=2s"}, "rate"},
		// Of the 15 or so requests that each phase makes to the head, at least three fail, wherever its count stands.
		"errors": {"node", []string{"--base=exec node server.js", "--head=FAIL_EVERY=4 exec node server.js", "--max-time=2s"}, "of the requests of fresh start 1 failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(c.needs); c.needs != "" && err != nil {
				t.Skipf("skipped: no %s on this machine", c.needs)
			}
			gate := liveGate(t, map[string]string{"server.js": nodeGate}, append(c.flags, "--allow-inconclusive")...)
			code, outcome := gateLeft(t, gate)
			if stdout, _ := output(gate); code != 3 || outcome != "invalid" || !strings.Contains(strings.Join(strings.Fields(stdout), " "), c.says) {
				t.Errorf("%s, exit code %d, without %q:\n%s", outcome, code, c.says, stdout)
			}
		})
	}
}

// A gate that gets as far as no verdict tells CI of that, too.
func TestGateWithoutVerdict(t *testing.T) {
	skipShort(t)
	gate := liveGate(t, nil, "--base=echo this one is broken; exit 7", "--head=exec ancmbench serve --model=direct --listen=127.0.0.1:{port}", "--path=/sleep/1")
	code, outcome := gateLeft(t, gate)
	if stdout, stderr := output(gate); code != 1 || outcome != "error" || !strings.Contains(stdout, "::error title=gate%3A no verdict::") || !strings.Contains(stderr, "base") {
		t.Errorf("%s, exit code %d:\n%s\n%s", outcome, code, stdout, stderr)
	}
}

// A server that dies while it is measured is said to have died once, with the last lines
// that it wrote, and with nothing that only followed from it.
func TestGateSaysADeathOnce(t *testing.T) {
	t.Parallel()
	skipShort(t)
	serve := "ancmbench serve --model=direct --listen=127.0.0.1:{port}"
	gate := liveGate(t, nil, "--base=exec "+serve, "--head="+serve+" & sleep 1.5; kill $!; wait; echo first; echo out of luck; exit 7", "--path=/sleep/3000")
	code, outcome := gateLeft(t, gate)
	stdout, stderr := output(gate)
	_, said, _ := strings.Cut(stderr, "ancmbench: ")
	if code != 1 || outcome != "error" || !strings.HasPrefix(said, "head: ended unasked (exit status 7)") || !strings.HasSuffix(said, "first\nout of luck\n") {
		t.Errorf("%s, exit code %d:\n%s", outcome, code, stderr)
	}
	for _, text := range []string{stdout, stderr} {
		if strings.Count(text, "ended unasked") != 1 || strings.Count(text, "out of luck") != 1 || strings.Contains(text, "cpu.stat") {
			t.Errorf("not said once:\n%s", text)
		}
	}
}

// A server that is twice slower for its first 8 s agrees with itself throughout a
// warm-up of less: the gate says that it was measured before it was warm, and says
// nothing of the kind of one that is not.
func TestGateSaysThatAServerWasCold(t *testing.T) {
	t.Parallel()
	skipShort(t)
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("skipped: no node on this machine")
	}
	const server = `
const http = require('http');
const began = Date.now(), slow = Number(process.env.SLOW || 0) * 1000;
const s = http.createServer((q, r) => {
  setTimeout(() => { r.writeHead(200, {'Content-Length': 5}); r.end('hello'); }, Date.now() - began < slow ? 80 : 40);
});
s.keepAliveTimeout = 60000;
s.listen(process.env.PORT, '127.0.0.1');
`
	profile := strings.NewReplacer("rate: 100/s", "rate: 20/s", "duration: 200ms", "duration: 600ms", "duration: 300ms", "duration: 2s").Replace(smallGate)
	// Where the machine stands still in either window the two say little, of either side.
	const tries = 3
	said := ""
	for range tries {
		gate := liveGate(t, map[string]string{"server.js": server}, "--base=exec node server.js", "--head=SLOW=8 exec node server.js", "--max-time=10s")
		if err := os.WriteFile(filepath.Join(gate.Dir, "p.yaml"), []byte(profile), 0o644); err != nil {
			t.Fatal(err)
		}
		_, outcome := gateLeft(t, gate)
		said, _ = output(gate)
		if outcome == "pass" {
			t.Fatal("passed")
		}
		if strings.Contains(strings.Join(strings.Fields(said), " "), "it was measured before it was warm (on head)") {
			return
		}
	}
	t.Errorf("in each of %d gates, nothing of the head's first 8 s, or the base was cold, too:\n%s", tries, said)
}
