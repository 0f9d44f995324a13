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
	say        io.Writer // what goes wrong beside the gate
}

// checkOut makes a worktree of a revision, and builds in it and in our own tree. It builds
// in the folder that we are in, which need not be the repository's root. It writes to say what
// is compared with what. The files ours were written by this program, and do not count as
// changes of our own tree.
func checkOut(ctx context.Context, say io.Writer, rev, build string, ours ...string) (*worktree, error) {
	prefix, err := git(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, gitFault(ctx, err)
	}
	if _, err := git(ctx, "rev-parse", "--verify", rev+"^{commit}"); err != nil {
		return nil, noCommit(ctx, rev, err)
	}
	t := &worktree{say: say}
	if t.base, err = revisionOf(ctx, rev); err != nil {
		fmt.Fprintf(say, "note: the base's commit: %v\n", err)
	}
	if t.head, err = ownRevision(ctx, ours); err != nil {
		fmt.Fprintf(say, "note: the head's commit: %v\n", err)
	}
	fmt.Fprintf(say, "base %s (%s), head %s\n", t.base.Commit, rev, revisionWords(t.head))
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
	t.root = filepath.Join(parent, worktreeName)
	t.dir = filepath.Join(t.root, prefix)
	if err := t.fill(ctx, rev, prefix, build); err != nil {
		t.remove()
		return nil, err
	}
	return t, nil
}

// fill checks the revision out and builds in both trees.
func (t *worktree) fill(ctx context.Context, rev, prefix, build string) error {
	if _, err := git(ctx, "worktree", "add", "--detach", t.root, rev); err != nil {
		return fmt.Errorf("--base-rev %s: %w", rev, err) // a hook that fails leaves it registered
	}
	if _, err := os.Stat(t.dir); err != nil {
		return fmt.Errorf("--base-rev %s has no folder %s: run the gate where both revisions can be built", rev, prefix)
	}
	for _, dir := range []string{t.dir, "."} {
		if err := buildIn(ctx, dir, build); err != nil {
			return err
		}
	}
	return nil
}

// noCommit returns the error of a revision that git does not find.
func noCommit(ctx context.Context, rev string, err error) error {
	switch shallow, _ := git(ctx, "rev-parse", "--is-shallow-repository"); {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case shallow == "true":
		return fmt.Errorf("--base-rev %s is not in this shallow clone: run 'git fetch --unshallow' first, or fetch with depth 0 in CI: %w", rev, err)
	}
	return usageError("--base-rev %s is no commit of the repository that this folder is in: %w", rev, err)
}

// gitFault returns the error of the first question to git, in git's words, because a missing
// repository is only one of its causes.
func gitFault(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("--base-rev needs git: %w", err)
	}
	return usageError("--base-rev: git cannot use the repository of this folder: %w", err)
}

// buildGrace is the time that a build has to clean up after an interrupt.
const buildGrace = 2 * time.Second

// buildIn runs the build in one tree. An interrupt ends all its processes, not only the
// shell.
func buildIn(ctx context.Context, dir, build string) error {
	if build == "" {
		return nil
	}
	c := exec.CommandContext(ctx, "sh", "-c", build)
	c.Dir, c.Env = dir, plainEnvironment(ctx)
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

// remove removes the worktree, and says so where git keeps something of it.
func (t *worktree) remove() {
	_, err := git(context.Background(), "worktree", "remove", "--force", t.root)
	_ = os.RemoveAll(filepath.Dir(t.root))
	if err != nil && !strings.Contains(err.Error(), "is not a working tree") { // it never came to be one
		fmt.Fprintf(t.say, "note: the base's worktree: %v; 'git worktree prune' forgets it\n", err)
	}
}

// lastLines returns the last n lines of a command's output.
func lastLines(out []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
