package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ancmbench"
)

// worktree is a revision of the repository that we are in, checked out beside it.
type worktree struct {
	root string // where it is checked out
	dir  string // in it, the folder that ours is a copy of
	// base is what is checked out, and head what our own tree held then.
	base, head ancmbench.Revision
}

// checkOut makes a worktree of a revision, and builds in it and in our own tree: in
// the folder that we are in, which need not be the repository's root. What is compared
// with what it tells say.
func checkOut(ctx context.Context, say io.Writer, rev, build string) (*worktree, error) {
	prefix, err := exec.CommandContext(ctx, "git", "rev-parse", "--show-prefix").CombinedOutput()
	if err != nil {
		return nil, gitFault(ctx, err, prefix)
	}
	if err := exec.CommandContext(ctx, "git", "rev-parse", "--verify", "--quiet", rev+"^{commit}").Run(); err != nil {
		if out, _ := exec.CommandContext(ctx, "git", "rev-parse", "--is-shallow-repository").Output(); strings.TrimSpace(string(out)) == "true" {
			return nil, fmt.Errorf("--base-rev %s is not in this shallow clone: run 'git fetch --unshallow' first, or fetch with depth 0 in CI", rev)
		}
		return nil, usageError("--base-rev %s is no commit of the repository that this folder is in", rev)
	}
	base, head := revisionOf(ctx, rev), ownRevision(ctx)
	fmt.Fprintf(say, "base %s (%s), head %s\n", base.Commit, rev, revisionWords(head))
	self := ourselves(ctx)
	removeLeft(ctx, say, self)
	parent, err := os.MkdirTemp("", worktreePrefix)
	if err != nil {
		return nil, fmt.Errorf("--base-rev: %w", err)
	}
	if err := self.own(parent); err != nil {
		_ = os.RemoveAll(parent)
		return nil, fmt.Errorf("--base-rev: %w", err)
	}
	t := &worktree{root: filepath.Join(parent, worktreeName), base: base, head: head}
	t.dir = filepath.Join(t.root, strings.TrimSpace(string(prefix)))
	if out, err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", t.root, rev).CombinedOutput(); err != nil {
		t.remove() // a hook that fails leaves it registered
		return nil, fmt.Errorf("--base-rev %s: git worktree: %w: %s", rev, err, lastLines(out, 1))
	}
	if _, err := os.Stat(t.dir); err != nil {
		t.remove()
		return nil, fmt.Errorf("--base-rev %s has no folder %s: run the gate where both revisions can be built", rev, strings.TrimSpace(string(prefix)))
	}
	for _, dir := range []string{t.dir, "."} {
		if err := buildIn(ctx, dir, build); err != nil {
			t.remove()
			return nil, err
		}
	}
	return t, nil
}

// gitFault says why not even the first question to git was answered.
func gitFault(ctx context.Context, err error, out []byte) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("--base-rev needs git: %w", err)
	}
	return usageError("--base-rev: git finds no repository here: %s", lastLines(out, 1))
}

// buildGrace is how long a build has to clean up after an interrupt.
const buildGrace = 2 * time.Second

// buildIn runs the build in one tree. An interrupt ends all of it, not the shell alone.
func buildIn(ctx context.Context, dir, build string) error {
	if build == "" {
		return nil
	}
	c := exec.CommandContext(ctx, "sh", "-c", build)
	c.Dir = dir
	endWhole := inOwnGroup(c)
	out, err := c.CombinedOutput()
	if ctx.Err() != nil {
		endWhole()
		return context.Cause(ctx)
	}
	if err != nil {
		which := "base"
		if dir == "." {
			which = "head"
		}
		return fmt.Errorf("--build of the %s: %w; its last words:\n%s", which, err, lastLines(out, 20))
	}
	return nil
}

// remove takes the worktree away; what cannot be removed is pruned by git later.
func (t *worktree) remove() {
	_ = exec.Command("git", "worktree", "remove", "--force", t.root).Run()
	_ = os.RemoveAll(filepath.Dir(t.root))
}

// lastLines are the last n lines of a command's output.
func lastLines(out []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
