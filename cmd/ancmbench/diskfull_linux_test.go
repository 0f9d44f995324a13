package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ancmbench"
)

// TestDiskFull lets a run fill its disk: one sentence, what was finished stays
// readable, and nothing is left.
func TestDiskFull(t *testing.T) {
	skipShort(t)
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=48k"); err != nil {
		t.Skip("skipped: no small disk can be mounted here: ", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	mark := newMark(t)
	c := command(t, mark, "run", "--profile=smoke", "--quiet", "--out="+filepath.Join(disk, "out"))
	_ = c.Run()
	_, stderr := output(c)
	if code := c.ProcessState.ExitCode(); code != exitTool {
		t.Errorf("exit code %d, want %d", code, exitTool)
	}
	if strings.Count(stderr, "no space left on device") != 1 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("not one sentence: %q", stderr)
	}
	assertNothingLeft(t, mark, c.Process.Pid)
	run, err := ancmbench.ReadRun(filepath.Join(disk, "out"))
	if err != nil || len(run.Results) == 0 {
		t.Errorf("what was finished cannot be read: %v", err)
	}
}

// A file of all requests that cannot be written is a fault of the tool at every verb that has
// the flag, with the cause said once.
func TestRequestsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer server.Close()
	profile := filepath.Join(t.TempDir(), "p.yaml")
	writeFile(t, profile, "launches: 1\nphases: [{kind: latency, duration: 300ms}]\n")
	for name, args := range map[string][]string{
		"load":         {"load", server.URL + "/", "-n", "50"},
		"load, broken": {"load", server.URL + "/", "-n", "50", "--expect=404", "--stop-at-errors=100%", "--max-errors=100%"},
		"load --slo":   {"load", server.URL + "/", "--slo=p99=1us", "-d", "1s"},
		"run": {"run", "--target=a=" + server.URL, "--target=b=" + server.URL, "--profile=" + profile, "--rate=400", "--quiet",
			"--out=" + filepath.Join(t.TempDir(), "out")},
	} {
		c := exec.Command("ancmbench", append(args, "--engine=vegeta", "--vegeta-results=/dev/full")...)
		var stderr strings.Builder
		c.Stderr = &stderr
		_ = c.Run()
		if code, said := c.ProcessState.ExitCode(), stderr.String(); code != exitTool || strings.Count(said, "no space left on device") != 1 {
			t.Errorf("%s ends with %d: %s", name, code, said)
		}
	}
}
