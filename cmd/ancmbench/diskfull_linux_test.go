package main

import (
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
