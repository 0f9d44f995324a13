package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/profiles"
	"ancmbench/reports/gate"
)

// gateOn judges a recorded run with more of the environment, and gives the exit code.
func gateOn(t *testing.T, run *ancmbench.Run, env []string, flags ...string) (code int, stdout, stderr string) {
	t.Helper()
	c := command(t, newMark(t), append([]string{"gate", "--result=r"}, flags...)...)
	c.Env = append(append(c.Env, "XDG_CONFIG_HOME="+c.Dir, "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY=", "GITHUB_ACTIONS="), env...)
	dir := filepath.Join(c.Dir, "r")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run.Command = []string{"ancmbench", "run", "--seed=7"}
	if err := run.WriteFile(filepath.Join(dir, ancmbench.ResultFile)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, reportFile), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_ = c.Run()
	stdout, stderr = output(c)
	return c.ProcessState.ExitCode(), stdout, stderr
}

// worseRun is one of recorded fresh starts whose metric is twice as large on the head.
func worseRun(t *testing.T, launches int) *ancmbench.Run {
	t.Helper()
	var out []gate.RecordedLaunch
	for _, l := range recordedLaunches(t)[:launches] {
		x := gate.RecordedLaunch{}
		for name, v := range l {
			x[name] = v
		}
		v := l["response_p50_seconds"]
		x["response_p50_seconds"] = [2]float64{v[0], 2 * v[0]}
		out = append(out, x)
	}
	return runOf(out)
}

// A verdict that cannot be written where CI looks for it is the verdict still, and the
// fault is said.
func TestVerdictComesFirst(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	nowhere := filepath.Join(t.TempDir(), "no", "output")
	for name, c := range map[string]struct {
		launches, code int
		env            string
	}{
		"worse, outputs":       {20, 99, "GITHUB_OUTPUT=" + nowhere},
		"worse, summary":       {20, 99, "GITHUB_STEP_SUMMARY=" + nowhere},
		"no decision, outputs": {3, 4, "GITHUB_OUTPUT=" + nowhere},
		"worse, all well":      {20, 99, "GITHUB_OUTPUT=" + filepath.Join(t.TempDir(), "output")},
	} {
		code, stdout, stderr := gateOn(t, worseRun(t, c.launches), []string{c.env})
		variable, path, _ := strings.Cut(c.env, "=")
		if code != c.code || strings.Contains(path, nowhere) != strings.Contains(stderr, "warning: $"+variable+": ") {
			t.Errorf("%s: exit code %d, want %d\n%s\n%s", name, code, c.code, stdout, stderr)
		}
	}
	// A history is as little a reason to lose the verdict.
	if code, _, stderr := gateOn(t, worseRun(t, 20), nil, "--append-history=r/"+reportFile+"/x"); code != exitTool || !strings.Contains(stderr, "--append-history") {
		t.Errorf("what is asked for by a flag is tried before: exit code %d\n%s", code, stderr)
	}
}

// Quiet is no reason to be silent about why nothing is known.
func TestQuietSaysWhyNothingIsKnown(t *testing.T) {
	invalid := worseRun(t, 20)
	invalid.Results[3].Outcomes.WrongModel = 1
	for name, c := range map[string]struct {
		run  *ancmbench.Run
		code int
		says string
	}{
		"invalid":     {invalid, 3, ancmbench.VoidWrongModel},
		"no decision": {worseRun(t, 3), 4, "no decision on response p50"},
		"worse":       {worseRun(t, 20), 99, ""},
	} {
		code, stdout, stderr := gateOn(t, c.run, nil, "--quiet")
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.says) || c.says == "" && stderr != "" {
			t.Errorf("%s: exit code %d, standard output %q, standard error %q; want %d and %q", name, code, stdout, stderr, c.code, c.says)
		}
	}
	if code, _, stderr := gateOn(t, invalid, nil); code != 3 || stderr != "" {
		t.Errorf("without --quiet it is said twice: %d, %q", code, stderr)
	}
}

// The report, the command that repeats the run and a lowered rate are on the screen and
// in the JSON.
func TestGateSaysWhatElseToKnow(t *testing.T) {
	run := worseRun(t, 20)
	run.Warnings = append(run.Warnings, ancmbench.Warning{Code: ancmbench.WarnHeadroom, Value: 200, Bound: 1000})
	_, screen, _ := gateOn(t, run, nil)
	screen = strings.Join(strings.Fields(screen), " ")
	for _, want := range []string{"report " + filepath.Join("r", reportFile), "repeat ancmbench run --seed=7", "200"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the screen lacks %q:\n%s", want, screen)
		}
	}
	_, text, _ := gateOn(t, run, nil, "--json")
	var v struct {
		Report  string
		Command []string
		Notes   []string
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if v.Report != filepath.Join("r", reportFile) || strings.Join(v.Command, " ") != "ancmbench run --seed=7" || !strings.Contains(strings.Join(v.Notes, "; "), "200") {
		t.Errorf("the JSON has %+v", v)
	}
}

// A gate that is told which of three targets is meant judges that one; without, it says
// which there are.
func TestGateOfThreeTargets(t *testing.T) {
	run := runOf(recordedLaunches(t))
	run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: "third", Local: true})
	for _, r := range run.Results {
		if r.Target == "head" {
			r.Target = "third"
			run.Results = append(run.Results, r)
		}
	}
	if code, _, stderr := gateOn(t, run, nil); code != exitUsage || !strings.Contains(stderr, "--target") || !strings.Contains(stderr, "head and third") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, stdout, stderr := gateOn(t, run, nil, "--target=third"); code == exitUsage || code == exitTool || !strings.Contains(stdout, "third against base") {
		t.Errorf("exit code %d: %s\n%s", code, stdout, stderr)
	}
	if code, _, stderr := gateOn(t, run, nil, "--against=r", "--between-runs=2%"); code != exitUsage || !strings.Contains(stderr, "--target") && !strings.Contains(stderr, "same run") {
		t.Errorf("against itself: exit code %d: %s", code, stderr)
	}
}

// A head that has nothing at the path is refused with its status, the path and the flag.
func TestHeadWithoutThePath(t *testing.T) {
	skipShort(t)
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("skipped: no node on this machine")
	}
	const server = `
const http = require('http');
require('fs').appendFileSync('starts', 'x');
http.createServer((q, r) => { r.writeHead(q.url === '/health' ? 200 : STATUS); r.end(); }).listen(process.env.PORT, '127.0.0.1');
`
	for _, status := range []string{"404", "302"} {
		c := liveGate(t, map[string]string{"server.js": strings.Replace(server, "STATUS", status, 1)}, "--base=exec node server.js", "--head=exec node server.js", "--launches=6")
		err := c.Run()
		stdout, stderr := output(c)
		if c.ProcessState.ExitCode() != exitTool || !strings.Contains(stderr, " answers "+status) || !strings.Contains(stderr, "GET /: ") || !strings.Contains(stderr, "--path") {
			t.Errorf("%v\n%s\n%s", err, stdout, stderr)
		}
		if starts, _ := os.ReadFile(filepath.Join(c.Dir, "starts")); len(starts) > 2 {
			t.Errorf("it was started %d times", len(starts))
		}
	}
}

// What cannot be decided is refused before anything is started.
func TestUndecidableIsRefused(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	one := smallRun()
	one.Profile = embedded(t, "gate")
	one.Profile.Models = []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess}
	if err := errors.Join(os.Mkdir("one", 0o755), one.WriteFile(filepath.Join("one", ancmbench.ResultFile))); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"gate --base=a --head=b --launches=5":               "nothing could be decided: 5 fresh starts: the gate's first look is at 6",
		"gate --base=a --head=b --budget=memory<=50MB":      "needs a memory phase",
		"gate --budget=memory<=50MB":                        "needs a memory phase",
		"gate --base=a --head=b --metric=throughput":        "needs a peak phase",
		"gate --base=a --head=b --budget=other_p50<=1ms":    `--budget "other_p50<=1ms": `,
		"gate --base=a --head=b --metric=nosuch":            "no such metric; the short names are p50, ",
		"selftest --launches=5":                             "5 fresh starts: the gate's first look is at 6",
		"gate --against=one":                                "how much runs of this differ",
		"gate --against=one --absolute":                     "how much runs of this differ",
		"gate --against=one --result=one --between-runs=2%": "are the same run",
	} {
		err := refusal(t, line)
		if code := exitCode(t.Context(), err); code != exitUsage || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: exit code %d, %v, want %q", line, code, err, want)
		}
	}
	if left, err := filepath.Glob("results*"); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// embedded is a profile of the program's own.
func embedded(t *testing.T, name string) ancmbench.Profile {
	t.Helper()
	p, err := profiles.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
