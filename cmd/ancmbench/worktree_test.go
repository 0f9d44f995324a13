package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// repository makes a repository of one commit, with the folder web in it, and goes
// there. What is exported keeps git from reading anybody's settings.
func repository(t *testing.T) (root string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("skipped: no git on this machine")
	}
	if runtime.GOOS == "windows" {
		t.Skip("skipped: --build is a line of sh")
	}
	root = t.TempDir()
	t.Chdir(root)
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	t.Setenv("TMPDIR", t.TempDir())
	if err := os.Mkdir("web", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("web", "server"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=n", "-c", "user.email=e", "commit", "-qm", "m"}} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	return root
}

// leftBehind lists what a worktree left where temporary files lie, and in git.
func leftBehind(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "ancmbench-base-*"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("git", "worktree", "list", "--porcelain").Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(out), "worktree "); n != 1 {
		left = append(left, string(out))
	}
	return left
}

// Base and head are built and started in the same folder of their trees.
func TestCheckOutKeepsTheFolder(t *testing.T) {
	root := repository(t)
	t.Chdir(filepath.Join(root, "web"))
	if err := os.WriteFile("server", []byte("new, not committed"), 0o644); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	tree, err := checkOut(t.Context(), &said, "HEAD", "cat server > built")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := regexp.MatchString(`^base ([0-9a-f]+) \(HEAD\), head [0-9a-f]+ with what is not committed\n$`, said.String()); !ok {
		t.Errorf("said %q", said.String())
	}
	if b, h := tree.base, tree.head; b.Subject != "m" || b.Modified || !h.Modified || h.Commit != b.Commit || len(b.Commit) < 4 {
		t.Errorf("base %+v, head %+v", b, h)
	}
	for dir, want := range map[string]string{tree.dir: "old", ".": "new, not committed"} {
		if got, err := os.ReadFile(filepath.Join(dir, "built")); err != nil || string(got) != want {
			t.Errorf("built in %s: %q, %v; want %q", dir, got, err, want)
		}
	}
	tree.remove()
	if left := leftBehind(t); left != nil {
		t.Errorf("left: %q", left)
	}
}

func TestCheckOutFaults(t *testing.T) {
	repository(t)
	for name, c := range map[string]struct{ rev, build, says string }{
		"no commit":  {"nowhere", "", "--base-rev nowhere is no commit"},
		"the folder": {"4b825dc642cb6eb9a060e54bf8d69288fbee4904", "", "is no commit"}, // the empty tree
		"the build":  {"HEAD", "echo one; echo two >&2; exit 7", "--build of the base: exit status 7; its last words:\none\ntwo"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := checkOut(t.Context(), io.Discard, c.rev, c.build); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v; want %q", err, c.says)
			}
			if left := leftBehind(t); left != nil {
				t.Errorf("left: %q", left)
			}
		})
	}
	t.Run("no repository", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if _, err := checkOut(t.Context(), io.Discard, "HEAD", ""); err == nil || !strings.Contains(err.Error(), "not a git repository") {
			t.Error(err)
		}
	})
}

// An interrupt ends the shell of a build and what it started, which holds its output.
func TestInterruptEndsTheBuild(t *testing.T) {
	root := repository(t)
	started := filepath.Join(root, "started")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := checkOut(ctx, io.Discard, "HEAD", "sleep 300 & echo $! > "+started+"; wait; true")
		ended <- err
	}()
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if text, _ := os.ReadFile(started); strings.HasSuffix(string(text), "\n") {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the build did not start")
		}
	}
	cancel(errInterrupted)
	select {
	case err := <-ended:
		if !errors.Is(err, errInterrupted) {
			t.Error(err)
		}
	case <-time.After(60 * time.Second):
		t.Fatal("the build outlives the interrupt")
	}
	if left := leftBehind(t); left != nil {
		t.Errorf("left: %q", left)
	}
}
