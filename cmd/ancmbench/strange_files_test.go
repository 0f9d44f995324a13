package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ancmbench"
)

// fileFlags are the command lines that read a file, whose name is FILE, with what else
// they need; piped says that a pipe may be given as well.
var fileFlags = []struct {
	line  string
	piped bool
}{
	{line: "report FILE"},
	{line: "compare FILE FILE"},
	{line: "export --format=csv FILE"},
	{line: "predict --app-time=1s --at-rate=5/s FILE"},
	{line: "gate --against=FILE"},
	{line: "gate --result=FILE"},
	{line: "run --web-config=FILE"},
	{line: "serve --web-config=FILE"},
	{line: "serve --negotiate-keytab=FILE"},
	{line: "run --profile=FILE", piped: true},
	{line: "run --rate=5/s --target=a=https://127.0.0.1:1/ --target=b=https://127.0.0.1:2/ --cacert=FILE", piped: true},
	{line: "serve --basic-auth=FILE", piped: true},
	{line: "load http://127.0.0.1:1/ --body=@FILE", piped: true},
	{line: "load https://127.0.0.1:1/ --cacert=FILE", piped: true},
}

// What is no file, or larger than any such file, is refused without being read: a
// device has no end, and a pipe that nobody writes to has no beginning.
func TestStrangeFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Chdir(dir)
	strange := map[string]string{"/dev/zero": "device", "pipe": "pipe", "large": "bytes"}
	if err := os.WriteFile("large", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate("large", 1<<33); err != nil {
		delete(strange, "large")
	}
	if !makePipe(t, "pipe") {
		delete(strange, "pipe")
	}
	if _, err := os.Stat("/dev/zero"); err != nil {
		delete(strange, "/dev/zero")
	}
	for _, f := range fileFlags {
		for file, word := range strange {
			if f.piped && file == "pipe" {
				continue
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := refusal(t, strings.ReplaceAll(f.line, "FILE", file))
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), file) {
				t.Errorf("%s with %s: %v, want a sentence with %q", f.line, file, err, word)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
				t.Errorf("%s with %s allocates %d bytes", f.line, file, took)
			}
		}
	}
	if left, err := filepath.Glob("*"); err != nil || len(left) > len(strange) {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A run that is written can be read again, so what a results file may have at most is
// held to when a run is planned.
func TestTargetsHaveTheBoundOfTheFile(t *testing.T) {
	args := []string{"run", "--rate=5/s"}
	for range ancmbench.MaxTargets + 1 {
		args = append(args, "--target=x")
	}
	err := refusal(t, strings.Join(args, " "))
	if err == nil || !strings.HasPrefix(err.Error(), "--target: 257 are given, and a run has at most 256") {
		t.Errorf("%.200v", err)
	}
}

// What a plan may have at most is what its results file may have: a run that nobody could
// read again must not begin.
func TestPlansFitIntoTheFile(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	profile := "phases:\n"
	for i := range 200 {
		profile += fmt.Sprintf("- {kind: peak, name: p%d, duration: 1s}\n", i)
	}
	if err := os.WriteFile("many.yaml", []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"run --profile=many.yaml --model=direct,in-process,relay,bare,out-of-process,reverseproxy":                                "6 targets in 201 phases are too many",
		"run --rate=5 --target=" + strings.Repeat("n", ancmbench.MaxName+1) + "=http://127.0.0.1:1 --target=b=http://127.0.0.1:2": "the name has 129 bytes, and may have 128",
	} {
		if err := refusal(t, line); err == nil || !strings.Contains(err.Error(), want) || exitCode(t.Context(), err) != exitUsage {
			t.Errorf("ancmbench %.60s: %.300v, want %q", line, err, want)
		}
	}
	// The most that a profile may say, each byte as dear as JSON can make it.
	run, dear := smallRun(), func(n int) string { return strings.Repeat("\x01", n) }
	run.Profile.Description, run.Reason, run.Command = dear(64<<10), dear(64<<10), []string{dear(64 << 10)}
	run.Targets[0].Name, run.Profile.Phases[0].Name, run.Profile.Workloads[0].Name = dear(ancmbench.MaxName), dear(ancmbench.MaxName), dear(ancmbench.MaxName)
	run.Profile.Workloads[0].Requests[0] = ancmbench.Request{Path: "/" + strings.Repeat("\"", 64<<10), Body: make([]byte, 1<<20)}
	if err := run.WriteFile("run.json"); err != nil {
		t.Fatal(err)
	}
	if _, err := ancmbench.ReadRun("run.json"); err != nil {
		t.Error(err)
	}
}
