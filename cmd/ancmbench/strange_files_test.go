package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ancmbench"
)

// fileFlags are the command lines that read a file, whose name is FILE, with what else
// they need; piped tells that a pipe may be given as well.
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
