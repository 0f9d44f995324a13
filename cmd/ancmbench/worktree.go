package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// worktree is a revision of the repository that we are in, checked out beside it.
type worktree struct{ dir string }

// checkOut makes a worktree of a revision, and builds in it and in our own tree.
func checkOut(ctx context.Context, rev, build string) (*worktree, error) {
	if err := exec.CommandContext(ctx, "git", "rev-parse", "--verify", "--quiet", rev+"^{commit}").Run(); err != nil {
		if out, _ := exec.CommandContext(ctx, "git", "rev-parse", "--is-shallow-repository").Output(); strings.TrimSpace(string(out)) == "true" {
			return nil, fmt.Errorf("--base-rev %s is not in this shallow clone: run 'git fetch --unshallow' first, or fetch with depth 0 in CI", rev)
		}
		return nil, usageError("--base-rev %s is no commit of the repository that this folder is in", rev)
	}
	parent, err := os.MkdirTemp("", "ancmbench-base-")
	if err != nil {
		return nil, fmt.Errorf("--base-rev: %w", err)
	}
	t := &worktree{dir: filepath.Join(parent, "tree")}
	if out, err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", t.dir, rev).CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("--base-rev %s: git worktree: %w: %s", rev, err, lastLine(out)), os.RemoveAll(parent))
	}
	for _, dir := range []string{t.dir, "."} {
		if err := buildIn(ctx, dir, build); err != nil {
			t.remove()
			return nil, err
		}
	}
	return t, nil
}

func buildIn(ctx context.Context, dir, build string) error {
	if build == "" {
		return nil
	}
	c := exec.CommandContext(ctx, "sh", "-c", build)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		which := "base"
		if dir == "." {
			which = "head"
		}
		return fmt.Errorf("--build of the %s: %w: %s", which, err, lastLine(out))
	}
	return nil
}

// remove takes the worktree away; what cannot be removed is pruned by git later.
func (t *worktree) remove() {
	_ = exec.Command("git", "worktree", "remove", "--force", t.dir).Run()
	_ = os.RemoveAll(filepath.Dir(t.dir))
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
