package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// started waits for what a build writes as soon as it runs.
func started(t *testing.T, path string) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
		if time.Now().After(limit) {
			t.Fatal("the build did not start")
		}
	}
}

// A gate that lives keeps its worktree whoever else comes; when it has been killed, the
// next gate of the repository takes it away, says so, and leaves nothing of its own.
func TestWorktreeOfAKilledGate(t *testing.T) {
	root := repository(t)
	mark := filepath.Join(t.TempDir(), "started")
	// The build ends with the gate, which is the parent of its shell.
	gate := command(t, newMark(t), "gate", "--base-rev=HEAD", "--build=touch "+mark+"; while kill -0 $PPID; do sleep 0.05; done", "--start=true")
	gate.Dir = root
	if err := gate.Start(); err != nil {
		t.Fatal(err)
	}
	started(t, mark)
	next := func() string {
		var said strings.Builder
		tree, err := checkOut(t.Context(), &said, "HEAD", "")
		if err != nil {
			t.Fatal(err)
		}
		tree.remove()
		return said.String()
	}
	if said := next(); strings.Contains(said, "removed") {
		t.Errorf("beside a gate that lives: %q", said)
	}
	if left := leftBehind(t); len(left) != 2 { // the folder, and git's list
		t.Fatalf("of a gate that lives: %q", left)
	}
	if err := gate.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = gate.Wait() // until then its number is taken
	if said := next(); strings.Count(said, "\n") != 2 || !strings.Contains(said, "removed the base that a killed gate left behind (process ") {
		t.Errorf("after a gate that was killed: %q", said)
	}
	if left := leftBehind(t); left != nil {
		t.Errorf("left: %q", left)
	}
}

// deadGate is an owner as we are, whose process has ended.
func deadGate(t *testing.T) worktreeOwner {
	t.Helper()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	o := ourselves(t.Context())
	o.PID = dead.Process.Pid
	return o
}

// What does not tell that its gate is of this repository, was of this machine and has
// ended is not ours to remove.
func TestRemoveLeftInDoubt(t *testing.T) {
	repository(t)
	self, dead := ourselves(t.Context()), deadGate(t)
	for name, c := range map[string]struct {
		owner func(*worktreeOwner)
		gone  bool
	}{
		"it ended":              {func(o *worktreeOwner) {}, true},
		"it lives":              {func(o *worktreeOwner) { o.PID = os.Getpid() }, false},
		"another machine":       {func(o *worktreeOwner) { o.Where = "elsewhere" }, false},
		"another repository":    {func(o *worktreeOwner) { o.Repository += "x" }, false},
		"no repository":         {func(o *worktreeOwner) { o.Repository = "" }, false},
		"a number that is none": {func(o *worktreeOwner) { o.PID = -1 }, false},
		"no owner":              {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			folder, err := os.MkdirTemp("", worktreePrefix)
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(folder)
			if c.owner != nil {
				o := dead
				c.owner(&o)
				if err := o.own(folder); err != nil {
					t.Fatal(err)
				}
			}
			removeLeft(t.Context(), io.Discard, self)
			if _, err := os.Stat(folder); os.IsNotExist(err) != c.gone {
				t.Errorf("removed: %v, want %v", os.IsNotExist(err), c.gone)
			}
		})
	}
}

// A worktree that somebody made by hand stays, whatever it is named; so does one that
// git knows and whose gate ended, if it is listed under another name.
func TestRemoveLeftKeepsOthersWorktrees(t *testing.T) {
	repository(t)
	self, o := ourselves(t.Context()), deadGate(t)
	add := func(folder, name string, owned bool) string {
		path := filepath.Join(t.TempDir(), folder, name)
		if out, err := exec.Command("git", "worktree", "add", "--detach", path, "HEAD").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		if owned {
			if err := o.own(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	stay := []string{add("mine", worktreeName, true), add(worktreePrefix+"1", "other", true), add(worktreePrefix+"2", worktreeName, false)}
	goes := add(worktreePrefix+"3", worktreeName, true) // not where temporary files lie, and git knows it
	removeLeft(t.Context(), io.Discard, self)
	listed, err := exec.Command("git", "worktree", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stay {
		if _, err := os.Stat(path); err != nil || !strings.Contains(string(listed), resolved(path)) {
			t.Errorf("%s is gone: %v\n%s", path, err, listed)
		}
	}
	if _, err := os.Stat(goes); err == nil || strings.Count(string(listed), "\n") != 1+len(stay) {
		t.Errorf("%s stays\n%s", goes, listed)
	}
}
