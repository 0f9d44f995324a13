package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"ancmbench"
)

// localVariables returns the environment variables that bind git to one repository and its
// index, as git itself lists them. A hook sets them, and with them each other call of git,
// and each call in a build, would change the index of the commit that is being made. If git
// cannot be asked, it is the list of git 2.39.
func localVariables(ctx context.Context) []string {
	known := []string{"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_OBJECT_DIRECTORY",
		"GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS",
		"GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_INTERNAL_SUPER_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR"}
	if !slices.ContainsFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GIT_") }) {
		return known // nothing to drop
	}
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--local-env-vars").Output()
	if err != nil {
		return known
	}
	return append(known, strings.Fields(string(out))...)
}

// plainEnvironment returns our environment without git's local variables.
func plainEnvironment(ctx context.Context) []string {
	drop := localVariables(ctx)
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(drop, name)
	})
}

// gitError is a call of git that failed, with what git itself says of it.
type gitError struct {
	command string // "git worktree add"
	err     error
	said    string // git's standard error; "" if it wrote nothing
}

func (e *gitError) Error() string {
	if e.said == "" {
		return e.command + ": " + e.err.Error()
	}
	return e.command + ": " + e.said
}

func (e *gitError) Unwrap() error { return e.err }

// git calls git on the repository that our folder is in, whatever a hook says, and
// returns what it prints. Its error quotes git's own words.
func git(ctx context.Context, args ...string) (string, error) {
	// A question must not take the lock of the index from the commit being made.
	c := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks"}, args...)...)
	c.Env = plainEnvironment(ctx)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err == nil {
		return strings.TrimRight(string(out), "\r\n"), nil
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	name := "git " + args[0]
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") {
		name += " " + args[1]
	}
	return "", &gitError{command: name, err: err, said: strings.TrimSpace(said.String())}
}

// modified reports whether our own tree has changes that are not committed. The files that
// this program left there, and those that it is to write now, do not count.
func modified(ctx context.Context, ours []string) (bool, error) {
	root, err := git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return false, err
	}
	out, err := git(ctx, "status", "--porcelain", "-z", "--untracked-files=all")
	if err != nil {
		return false, err
	}
	for entry := range strings.SplitSeq(strings.TrimRight(out, "\x00"), "\x00") {
		path, untracked := strings.CutPrefix(entry, "?? ")
		if entry != "" && (!untracked || !isOurs(filepath.Join(root, filepath.FromSlash(path)), ours)) {
			return true, nil
		}
	}
	return false, nil
}

// isOurs reports whether this program wrote a file: a results file, the reports beside one,
// a history beside the folders of runs, or one of the files that its flags name.
func isOurs(path string, ours []string) bool {
	if slices.ContainsFunc(ours, func(own string) bool { return isWithin(path, own) }) {
		return true
	}
	dir, name := filepath.Split(path)
	switch {
	case name == historyFile:
		runs, _ := filepath.Glob(filepath.Join(dir, "*", ancmbench.ResultFile))
		return len(runs) > 0
	case name == ancmbench.ResultFile:
		return true
	case name == reportFile || filepath.Ext(name) == ".png":
		_, err := os.Stat(filepath.Join(dir, ancmbench.ResultFile))
		return !errors.Is(err, fs.ErrNotExist)
	}
	return false
}

// isWithin reports whether a path is another one or lies below it.
func isWithin(path, other string) bool {
	abs, err := filepath.Abs(other)
	if other == "" || err != nil {
		return false
	}
	rel, err := filepath.Rel(resolvedFolder(abs), path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolvedFolder returns path with the links of its folder resolved, as git prints it. Its
// last part need not exist.
func resolvedFolder(path string) string {
	return filepath.Join(resolved(filepath.Dir(path)), filepath.Base(path))
}
