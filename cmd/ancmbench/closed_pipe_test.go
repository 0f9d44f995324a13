package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ancmbench/internal/clean"
)

// closedPipe is the writing end of a pipe that nobody reads any more.
func closedPipe(t *testing.T) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// A reader that has had enough, as head has, ends nothing: the command finishes its files, says
// nothing of the pipe, and has its own exit code.
func TestAClosedPipeEndsNothing(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	if runtime.GOOS == "windows" {
		t.Skip("skipped: pipes end otherwise there")
	}
	dir := t.TempDir()
	storedRun(t, filepath.Join(dir, "r"))
	for _, c := range []struct {
		line string
		code int
		file string // what it writes beside what it prints
	}{
		{"report r", exitOK, "r/report.html"},
		{"report r --json", exitOK, "r/latency.png"},
		{"gate --result=r --budget=p99<=1us --junit=v.xml --append-history=h.jsonl", exitRegression, "v.xml"},
		{"gate --result=r --budget=p99<=1us --markdown=v.md --append-history=h2.jsonl", exitRegression, "h2.jsonl"},
		{"gate --result=r --budget=p99<=1s", exitOK, ""},
		{"compare r r", exitOK, ""},
		{"runs .", exitOK, ""},
		{"--help", exitOK, ""},
		{"completion bash", exitOK, ""},
	} {
		cmd := exec.Command("ancmbench", strings.Fields(c.line)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = closedPipe(t), &errs
		_ = cmd.Run() // its code is looked at below
		if code := cmd.ProcessState.ExitCode(); code != c.code || errs.Len() > 0 {
			t.Errorf("ancmbench %s: exit code %d (%v), want %d; on standard error: %s", c.line, code, cmd.ProcessState, c.code, errs.String())
		}
		if c.file != "" {
			if info, err := os.Stat(filepath.Join(dir, c.file)); err != nil || info.Size() == 0 {
				t.Errorf("ancmbench %s: %s is not written: %v", c.line, c.file, err)
			}
		}
	}
}

// A full disk is not a reader that has had enough: it is an error, with its sentence.
func TestAFullOutputIsAnError(t *testing.T) {
	if underRace {
		t.Skip("skipped under the race detector: one goroutine draws and writes, ten times slower, and no race to find")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("skipped: no /dev/full")
	}
	defer full.Close()
	dir := t.TempDir()
	storedRun(t, filepath.Join(dir, "r"))
	for _, line := range []string{"report r", "compare r r", "export r", "runs .", "gate --result=r --budget=p99<=1s"} {
		cmd := exec.Command("ancmbench", strings.Fields(line)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &errs
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != exitTool || !strings.Contains(errs.String(), "no space left on device") {
			t.Errorf("ancmbench %s: exit code %d, %s", line, code, errs.String())
		}
	}
}

// What this program prints has its form in ASCII, and everything else is escaped.
func TestASCIIHasEveryCharacter(t *testing.T) {
	for from, want := range map[string]string{"45.4 µs · 2": "45.4 us - 2", "sma…": "sma.", "服务": `\u670d\u52a1`, "\x1b[1mx\x1b[0m\n": "\x1b[1mx\x1b[0m\n", "plain": "plain"} {
		if got := clean.ASCII(from); got != want {
			t.Errorf("%q is %q, want %q", from, got, want)
		}
	}
}
