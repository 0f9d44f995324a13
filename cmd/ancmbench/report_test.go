package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// stored writes a run of the given rungs whose median answers take so long.
func stored(t *testing.T, path string, seed uint64, rungs map[ancmbench.Model]time.Duration) {
	t.Helper()
	run := &ancmbench.Run{Version: ancmbench.RunVersion, Subject: ancmbench.SubjectReference, Seed: seed, State: ancmbench.Complete, LaunchesDone: 4,
		Profile: ancmbench.Profile{Name: "stored", Launches: 4, Phases: []ancmbench.Phase{{Name: "latency", Kind: ancmbench.Latency}}}}
	for _, m := range ancmbench.Models {
		median, there := rungs[m]
		if !there {
			continue
		}
		run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: string(m), Model: m})
		for launch := range 4 {
			h := new(ancmbench.Histogram)
			for i := range 100 {
				h.Record(median + time.Duration(int(seed)+launch*i)*10*time.Nanosecond)
			}
			run.Results = append(run.Results, ancmbench.Result{Trial: launch, Launch: launch, Phase: "latency", PhaseKind: ancmbench.Latency,
				Target: string(m), Engine: "wire", Connections: 8, Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 500},
				Outcomes: ancmbench.Outcomes{Due: 100, Sent: 100, OK: 100}, Response: h, Service: h})
		}
	}
	if err := run.WriteFile(path); err != nil {
		t.Fatal(err)
	}
}

func TestReportChecksABreakdown(t *testing.T) {
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	stored(t, path("breakdown"), 1, map[ancmbench.Model]time.Duration{ancmbench.Direct: us(90), ancmbench.InProcess: us(100),
		ancmbench.Relay: us(150), ancmbench.Bare: us(190), ancmbench.OutOfProcess: us(200)})
	stored(t, path("same"), 2, map[ancmbench.Model]time.Duration{ancmbench.InProcess: us(100), ancmbench.OutOfProcess: us(200)})
	stored(t, path("other"), 3, map[ancmbench.Model]time.Duration{ancmbench.InProcess: us(100), ancmbench.OutOfProcess: us(300)})
	stored(t, path("alone"), 4, map[ancmbench.Model]time.Duration{ancmbench.InProcess: us(100)})
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{path("breakdown"), "--check", path("same")}, exitOK, "agrees with the breakdown"},
		{[]string{path("breakdown"), "--check", path("same"), "--json"}, exitOK, `"outcome": "agrees"`},
		{[]string{path("breakdown"), "--check", path("other")}, exitInvalid, "disagrees"},
		{[]string{path("breakdown"), "--check", path("alone")}, exitUsage, "both models"},
		{[]string{path("breakdown"), "--check", path("breakdown")}, exitUsage, "agrees with itself"},
		{[]string{path("same"), "--check", path("breakdown")}, exitUsage, "no breakdown"},
		{[]string{path("breakdown"), "--check", path("nowhere")}, exitTool, "nowhere"},
	} {
		command := command(t, newMark(t), append([]string{"report"}, c.args...)...)
		_ = command.Run() // its code is looked at below
		stdout, stderr := output(command)
		if got := command.ProcessState.ExitCode(); got != c.code || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%v: exit code %d, want %d with %q\n%s%s", c.args, got, c.code, c.says, stdout, stderr)
		}
	}
}

// The object of --json names the page that was written beside the results.
func TestTheObjectNamesTheReport(t *testing.T) {
	t.Chdir(t.TempDir())
	storedRun(t, "r")
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs([]string{"report", "r", "--json"})
	root.SetOut(&out)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	var said struct{ Report string }
	if err := json.Unmarshal(out.Bytes(), &said); err != nil || said.Report != filepath.Join("r", reportFile) {
		t.Errorf("%q, %v", said.Report, err)
	}
	if _, err := os.Stat(said.Report); err != nil {
		t.Error(err)
	}
}
