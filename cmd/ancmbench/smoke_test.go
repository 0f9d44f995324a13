package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ancmbench"
)

// markVariable is in the environment of a run under test, and so in that of
// every process that descends from it.
const markVariable = "TEST_MARK_OF_ANCMBENCH"

func newMark(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%s-%d", t.Name(), rand.Uint64())
}

// command makes a command line of the program under test, in its own folder and
// with a mark in its environment by which its processes are found.
func command(t *testing.T, mark string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("ancmbench", args...)
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), markVariable+"="+mark)
	c.Stdout, c.Stderr = new(bytes.Buffer), new(bytes.Buffer)
	t.Cleanup(func() {
		if c.Process != nil {
			_ = c.Process.Kill() // a test that failed midway did not wait for it
		}
	})
	return c
}

func output(c *exec.Cmd) (stdout, stderr string) {
	return c.Stdout.(*bytes.Buffer).String(), c.Stderr.(*bytes.Buffer).String()
}

var artifacts = []string{ancmbench.ResultFile, "report.html", "latency.png", "throughput.png", "cpu.png", "memory.png", "penalty.png"}

// TestSmoke runs the main job as a user would, and looks at all that it leaves.
func TestSmoke(t *testing.T) {
	mark := newMark(t)
	canary := "canary" + mark
	c := command(t, mark, "run", "--model=both", "--profile=smoke", "--seed=11", "--out=out")
	c.Env = append(c.Env, "SECRET_TOKEN="+canary)
	if err := c.Run(); err != nil {
		stdout, stderr := output(c)
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	assertNothingLeft(t, mark)
	stdout, stderr := output(c)
	for _, want := range []string{string(ancmbench.SubjectReference), "in-process", "out-of-process", "response p50", "--seed=11"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the summary lacks %q:\n%s", want, stdout)
		}
	}
	if !strings.Contains(stderr, "fresh start 1 of 2") {
		t.Errorf("no progress on standard error:\n%s", stderr)
	}
	out := filepath.Join(c.Dir, "out")
	run, err := ancmbench.ReadRun(out)
	if err != nil {
		t.Fatal(err)
	}
	checkSmokeRun(t, run)
	checkCanaries(t, out, append(canaries(t, c.Dir), canary))
	checkReportAgain(t, c, out)
}

func checkSmokeRun(t *testing.T, run *ancmbench.Run) {
	cold := map[string]int{} // of two fresh starts there would be two, were there one in each
	for _, r := range run.Results {
		if r.PhaseKind == ancmbench.ColdStart && r.Void == "" {
			cold[r.Target] += len(r.Instants)
		}
	}
	if cold["in-process"] < 5 || cold["out-of-process"] < 5 {
		t.Errorf("cold starts %v: a run needs five of each", cold)
	}
	if run.State != ancmbench.Complete || run.LaunchesDone != 2 {
		t.Errorf("state %s, %d launches done", run.State, run.LaunchesDone)
	}
	for _, m := range ancmbench.Metrics {
		if m.Kind == ancmbench.Recovery {
			continue // not in this profile
		}
		for _, target := range []string{"in-process", "out-of-process"} {
			if m.Role == ancmbench.RoleApp && target == "in-process" || m.Name == "system_calls_per_request" {
				continue // has no such process, or the machine may not count them
			}
			found := false
			for i := range run.Results {
				r := &run.Results[i]
				if r.Target != target || r.PhaseKind != m.Kind {
					continue
				}
				if v, ok := m.Read(r); ok && v > 0 {
					found = true
				}
			}
			// Some 200 requests are due in a phase: a quantile that needs as many may be missing.
			if !found && m.LeastSamples() < 150 {
				t.Errorf("no value of %s for %s", m.Name, target)
			}
		}
	}
}

// canaries are words of this machine that must not be in any artifact.
func canaries(t *testing.T, dir string) []string {
	words := []string{dir}
	if host, err := os.Hostname(); err == nil && len(host) > 3 {
		words = append(words, host)
	}
	if u, err := user.Current(); err == nil && len(u.HomeDir) > 1 {
		words = append(words, u.HomeDir)
		if len(u.Username) > 4 {
			words = append(words, u.Username)
		}
	}
	if exe, err := os.Executable(); err == nil {
		words = append(words, filepath.Dir(exe))
	}
	return words
}

func checkCanaries(t *testing.T, out string, words []string) {
	for _, name := range artifacts {
		b, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s contains %q", name, w)
			}
		}
	}
}

// checkReportAgain makes the reports again and wants the same bytes.
func checkReportAgain(t *testing.T, c *exec.Cmd, out string) {
	before := map[string][]byte{}
	for _, name := range artifacts {
		before[name], _ = os.ReadFile(filepath.Join(out, name))
	}
	again := exec.Command("ancmbench", "report", "out", "--json")
	again.Dir = c.Dir
	text, err := again.Output()
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Errorf("--json is no JSON object: %v", err)
	}
	for _, name := range artifacts {
		if after, _ := os.ReadFile(filepath.Join(out, name)); !bytes.Equal(after, before[name]) {
			t.Errorf("%s has other bytes when made again", name)
		}
	}
}

// TestWithHostDetails shows that the canaries of TestSmoke can fly at all.
func TestWithHostDetails(t *testing.T) {
	t.Parallel()
	skipShort(t)
	host, err := os.Hostname()
	if err != nil || host == "" {
		t.Skip("this host has no name")
	}
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=smoke", "--launches=1", "--with-host-details", "--quiet", "--out=out")
	if err := c.Run(); err != nil {
		_, stderr := output(c)
		t.Fatalf("%v\n%s", err, stderr)
	}
	if stdout, stderr := output(c); stdout != "" || stderr != "" {
		t.Errorf("--quiet is not quiet: %q %q", stdout, stderr)
	}
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	if run.Host.Name != host {
		t.Errorf("host name %q, want %q", run.Host.Name, host)
	}
}

// TestInterrupted sends one Ctrl-C in the middle: what was measured is in a
// readable file, reports are there, and no process is.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	skipShort(t)
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=smoke", "--launches=20", "--out=out")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	waitForRun(t, filepath.Join(c.Dir, "out"), func(r *ancmbench.Run) bool { return r.LaunchesDone >= 1 })
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	_, stderr := output(c)
	if code := c.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d (%v), want %d\n%s", code, err, exitInterrupted, stderr)
	}
	assertNothingLeft(t, mark)
	run, err := ancmbench.ReadRun(filepath.Join(c.Dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	if run.State != ancmbench.Interrupted || run.LaunchesDone < 1 {
		t.Errorf("state %s after %d launches", run.State, run.LaunchesDone)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "out", "report.html")); err != nil {
		t.Error(err)
	}
	if !strings.Contains(stderr, "interrupted after") {
		t.Errorf("not said on standard error: %s", stderr)
	}
}

// An interrupted gate has one sentence too, which names what there is.
func TestGateInterrupted(t *testing.T) {
	t.Parallel()
	skipShort(t)
	serve := "exec ancmbench serve --model=direct --listen=127.0.0.1:{port}"
	gate := liveGate(t, nil, "--base="+serve, "--head="+serve, "--path=/sleep/3000", "--launches=20")
	if err := gate.Start(); err != nil {
		t.Fatal(err)
	}
	waitForRun(t, filepath.Join(gate.Dir, "out"), func(r *ancmbench.Run) bool { return len(r.Results) > 0 })
	if err := gate.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := gate.Wait()
	_, stderr := output(gate)
	if code := gate.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d (%v), want %d", code, err, exitInterrupted)
	}
	if strings.Count(stderr, "interrupted") != 1 || !strings.Contains(stderr, "of 20 fresh starts; what was measured is in out\n") {
		t.Errorf("on standard error:\n%s", stderr)
	}
}

// waitForRun polls the results file, which is replaced atomically, until it
// shows what is wanted.
func waitForRun(t *testing.T, dir string, want func(*ancmbench.Run) bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if r, err := ancmbench.ReadRun(dir); err == nil && want(r) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the results file never came that far")
}
