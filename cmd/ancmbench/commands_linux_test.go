package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// serversProfile returns a profile with these targets, in which SELF stands for this binary
// in quotes, RAW for it without, and ENV for the variable that makes it a server.
func serversProfile(t *testing.T, targets, phases string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	targets = strings.NewReplacer("SELF", `"`+self+`"`, "RAW", self, "ENV", programEnv+": server").Replace(targets)
	return "name: servers\nlaunches: 2\nrate: 100/s\nconnections: 2\nworkloads: [{name: items, path: /plaintext}]\ntargets:\n" +
		targets + "phases:\n" + phases
}

const shortPhases = `  - {kind: warm-up, duration: 200ms}
  - {kind: latency, duration: 300ms}
`

// Servers by command are measured with all that stands behind them, each process in its
// role, by port and by socket, from their cold start on; a proxy's processes are the hop's.
func TestRunMeasuresServersByCommand(t *testing.T) {
	t.Parallel()
	skipShort(t)
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=p.yaml", "--launches=1", "--out=out")
	writeFiles(t, c.Dir, map[string]string{"conf/hop.conf": "listen {port} before {upstream}", "p.yaml": serversProfile(t, `
  - {name: app, args: [SELF, "{port}"], env: {ENV}, log: app.log, ready: {http: /, log: listening on}}
  - {name: hop, before: app, args: [SELF, "{port}", "{dir}/hop.conf"], env: {ENV, ROUTE: "{upstream}"}, stop: SIGKILL, files: {hop.conf: {template: conf/hop.conf}}}
  - {name: socket, command: "exec 'RAW' {socket}", env: {ENV}, measured: false}
  - {name: hop of socket, before: socket, args: [SELF, "{port}", "{upstream}", "{upstream-socket}"], env: {ENV}}
  - {name: hop of hop, before: hop, args: [SELF, "{socket}", "{upstream}"], env: {ENV}}
  - {name: hop of direct, before: direct, args: [SELF, "{upstream}", "{port}"], env: {ENV}}
`, "  - {kind: cold-start}\n"+shortPhases+"  - {kind: memory, duration: 300ms}\n  - {kind: recovery, kill: worker, duration: 1s}\n")})
	stdout, run := measured(t, c)
	assertNothingLeft(t, mark, c.Process.Pid)
	want := map[string][]ancmbench.Role{"app": {"server"}, "hop": {"proxy", "server"}, "hop of socket": {"proxy", "server"},
		"hop of hop": {"proxy", "proxy-2", "server"}, "hop of direct": {"proxy", "was", "worker"}}
	for _, target := range run.Targets {
		if !slices.Equal(target.Roles, want[target.Name]) {
			t.Errorf("roles of %s: %v, want %v", target.Name, target.Roles, want[target.Name])
		}
		delete(want, target.Name)
	}
	if len(want) > 0 {
		t.Errorf("not measured: %v", want)
	}
	if !strings.Contains(stdout, "your servers: app, hop, hop of socket, hop of hop, hop of direct") {
		t.Errorf("the subject is another:\n%s", stdout)
	}
	seen := map[ancmbench.PhaseKind]int{}
	for _, r := range run.Results {
		if failed(r) || r.Outcomes.OK == 0 {
			t.Errorf("%s of %s: void %q, %+v", r.Phase, r.Target, r.Void, r.Outcomes)
		}
		seen[r.PhaseKind]++
		for _, u := range r.Usage {
			if loaded := r.PhaseKind == ancmbench.Memory && u.Role != ancmbench.GeneratorRole; u.CPU == nil || u.Role != "was" && u.CPU.Own == 0 || loaded && u.Loaded == nil {
				t.Errorf("%s of %s: %s used %+v, memory %v", r.Phase, r.Target, u.Role, u.CPU, u.Loaded)
			}
		}
	}
	if seen[ancmbench.ColdStart] != 5 || seen[ancmbench.Latency] != 5 || seen[ancmbench.Memory] != 5 || len(seen) != 3 {
		t.Errorf("results by phase: %v", seen)
	}
	left := slices.ContainsFunc(run.Warnings, func(w ancmbench.Warning) bool {
		return w.Code == ancmbench.WarnLeftOut && strings.Contains(w.Detail, "phase recovery (recovery) on app, hop")
	})
	if !left {
		t.Errorf("nothing is said of the recovery: %+v", run.Warnings)
	}
	if log, err := os.ReadFile(filepath.Join(c.Dir, "app.log")); err != nil || strings.Count(string(log), "listening on") < 2 {
		t.Errorf("the log has %q, %v", log, err)
	}
	if text, _ := os.ReadFile(filepath.Join(c.Dir, "out", ancmbench.ResultFile)); bytes.Contains(text, []byte("ROUTE: ")) || bytes.Contains(text, []byte("hop.conf\"\n")) || bytes.Contains(text, []byte(os.Args[0])) {
		t.Error("the results have the commands")
	}
}

// A command that does not start is named with what it wrote, and leaves nothing.
func TestCommandsThatDoNotStart(t *testing.T) {
	t.Parallel()
	skipShort(t)
	for _, c := range []struct {
		name, target string
		want         []string
	}{
		{"exits at once", `command: "echo out of luck; exit 7"`, []string{"bad does not start: bad: ended (exit status 7) before it listened on 127.0.0.1:", "out of luck"}},
		{"no such program", `args: [no-such-program]`, []string{"no-such-program is not installed, or not on PATH"}},
		{"no such folder", `command: x, dir: nowhere`, []string{"working directory: stat nowhere: no such file"}},
		{"never listens", `command: "exec sleep 60", ready: {within: 300ms}`, []string{"does not listen on 127.0.0.1:", "its command has no {port}, so it must listen on the port in the variable PORT"}},
		{"never ready", `args: [SELF, "{port}"], env: {ENV}, ready: {log: at your service, within: 2s}`, []string{`no line of its output has "at your service"`, "listening on"}},
		{"no log", `args: [SELF, "{port}"], env: {ENV}, log: nowhere/x.log`, []string{"log: open nowhere/x.log"}},
		{"fails behind", `args: [SELF, "{port}", "{upstream}"], before: broken, env: {ENV}`, []string{"bad does not start: broken: ended (exit status 3)", "behind the scenes"}},
		{"no such path", `args: [SELF, "{port}", "{upstream}"], before: direct, env: {ENV, PATH_TO: /nothing}`, []string{"bad answers 404 Not Found to GET /nothing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			mark := newMark(t)
			run := command(t, mark, "run", "--profile=p.yaml", "--out=out")
			text := serversProfile(t, "  - {name: good, args: [SELF, \"{port}\"], env: {ENV}}\n  - {name: bad, "+c.target+"}\n"+
				"  - {name: broken, command: \"echo behind the scenes; exit 3\", measured: false}\n", shortPhases)
			if strings.Contains(c.target, "PATH_TO") {
				text = strings.Replace(text, "path: /plaintext", "path: /nothing", 1)
			}
			writeFiles(t, run.Dir, map[string]string{"p.yaml": text})
			_ = run.Run()
			_, stderr := output(run)
			if run.ProcessState.ExitCode() != exitTool {
				t.Errorf("exit code %d", run.ProcessState.ExitCode())
			}
			for _, w := range c.want {
				if !strings.Contains(stderr, w) {
					t.Errorf("%q is not said:\n%s", w, stderr)
				}
			}
			assertNothingLeft(t, mark, run.Process.Pid)
		})
	}
}

// A server that ends in the middle ends the run with what was measured until then, its last
// words, and the exit code of an invalid run.
func TestServerThatEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	skipShort(t)
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=p.yaml", "--out=out")
	writeFiles(t, c.Dir, map[string]string{"p.yaml": serversProfile(t, "  - {name: stays, args: [SELF, \"{port}\"], env: {ENV}}\n"+
		"  - {name: ends, args: [SELF, \"{port}\"], env: {ENV, DIES: starts}}\n", shortPhases)})
	_ = c.Run()
	_, stderr := output(c)
	assertNothingLeft(t, mark, c.Process.Pid)
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	if c.ProcessState.ExitCode() != exitInvalid || !strings.Contains(stderr, "the run ended after 1 of 2 fresh starts, because ends ended by itself; what was measured is in out") || !strings.Contains(stderr, "exit status 7") ||
		!strings.HasSuffix(strings.TrimSpace(stderr), "I have had enough") {
		t.Errorf("exit code %d:\n%s", c.ProcessState.ExitCode(), stderr)
	}
	if run.LaunchesDone != 1 || len(run.Results) < 2 || run.State != ancmbench.Failed {
		t.Errorf("state %s, %d results", run.State, len(run.Results))
	}
}

// An interrupt leaves no process, socket, folder or cgroup of the user's servers.
func TestInterruptedServersLeaveNothing(t *testing.T) {
	skipShort(t)
	mark := newMark(t)
	tmp := t.TempDir()
	c := command(t, mark, "run", "--profile=p.yaml", "--out=out")
	c.Env = append(c.Env, "TMPDIR="+tmp)
	c.Stderr = nil
	writeFiles(t, c.Dir, map[string]string{"p.yaml": serversProfile(t, "  - {name: app, args: [SELF, \"{socket}\"], env: {ENV}, log: app.log}\n"+
		"  - {name: hop, before: app, args: [SELF, \"{port}\", \"{upstream}\", \"{dir}\"], env: {ENV}}\n", "  - {kind: latency, duration: 60s}\n")})
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() { b, _ := io.ReadAll(said); text <- string(b) }()
	// Three processes of servers: the app, and the hop with an app of its own.
	running := func() bool {
		log, err := os.ReadFile(filepath.Join(c.Dir, "app.log"))
		return err == nil && strings.Count(string(log), "listening on") >= 2
	}
	for end := time.Now().Add(60 * time.Second); !running(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the servers do not start: %v", marked(t, mark))
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	stderr := <-text
	if err := c.Wait(); c.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v\n%s", err, stderr)
	}
	assertNothingLeft(t, mark, c.Process.Pid)
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Targets by flag: a socket of a server that runs, and commands, which nobody restarts and
// which every fresh start restarts.
func TestTargetsByFlag(t *testing.T) {
	t.Parallel()
	skipShort(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=p.yaml", "--out=out")
	socket := filepath.Join(t.TempDir(), "app.sock")
	theirs := exec.Command(self)
	theirs.Env = append(os.Environ(), programEnv+"=server", "ANCMBENCH_SOCKET="+socket)
	if err := theirs.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = theirs.Process.Kill(); _ = theirs.Wait() }()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			break
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
	writeFiles(t, c.Dir, map[string]string{"p.yaml": "name: p\nlaunches: 2\nrate: 100/s\nconnections: 2\nphases:\n  - {kind: cold-start}\n" + shortPhases})
	line := programEnv + "=server exec '" + self + "'"
	c.Args = append(c.Args, "--target=theirs=unix:"+socket+":/x", "--target=ours=cmd:"+line+" {port}", "--target=secret=cmd:TOKEN=canary123 "+line+" {socket}")
	stdout, run := measured(t, c)
	assertNothingLeft(t, mark, c.Process.Pid)
	counts := map[string]int{}
	for _, r := range run.Results {
		if failed(r) || r.Outcomes.OK == 0 {
			t.Errorf("%s of %s: void %q, %+v", r.Phase, r.Target, r.Void, r.Outcomes)
		}
		if r.Engine != "wire" {
			t.Errorf("%s of %s: engine %s", r.Phase, r.Target, r.Engine)
		}
		counts[r.Target+" "+string(r.PhaseKind)]++
	}
	for what, want := range map[string]int{"theirs cold-start": 0, "ours cold-start": 2, "secret cold-start": 2, "theirs latency": 2, "ours latency": 2, "secret latency": 2} {
		if counts[what] != want {
			t.Errorf("%d results of %s, want %d", counts[what], what, want)
		}
	}
	if _, stderr := output(c); !strings.Contains(stderr, "note: not measured: phase cold-start (cold-start) on theirs: it is for what ancmbench starts") {
		t.Errorf("nothing is said of the cold start:\n%s", stderr)
	}
	if !run.Targets[0].AlreadyRunning || run.Targets[1].AlreadyRunning || !strings.Contains(stdout, "your servers: theirs, ours, secret") {
		t.Errorf("targets %+v:\n%s", run.Targets, stdout)
	}
	if text, _ := os.ReadFile(filepath.Join(c.Dir, "out", ancmbench.ResultFile)); bytes.Contains(text, []byte("canary123")) {
		t.Error("a value in a command is in the results")
	}
	report, err := os.ReadFile(filepath.Join(c.Dir, "out", reportFile))
	if err != nil || !bytes.Contains(report, []byte("Every fresh start begins with new processes of ours and secret")) || !bytes.Contains(report, []byte("theirs ran before, and nobody restarted them")) {
		t.Errorf("the report does not say what was restarted (%v)", err)
	}
}
