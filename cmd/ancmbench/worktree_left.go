package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ancmbench"
)

const (
	// worktreePrefix begins the name of the folder that holds a gate's worktree.
	worktreePrefix = "ancmbench-base-"
	// worktreeName is the name of the worktree in it, and ownerName the name of the file beside it.
	worktreeName, ownerName = "tree", "owner.json"
)

// worktreeOwner names the owner of a worktree for later gates, because a killed gate removes
// nothing.
type worktreeOwner struct {
	PID int `json:"pid"`
	// Where a process of that number is to be looked for: machines and containers
	// that share a folder count theirs each for itself.
	Where string `json:"where"`
	// Repository is the folder of git's own files, which its worktrees share.
	Repository string `json:"repository"`
}

// ourselves returns this process as the owner of a worktree of the repository that we are
// in.
func ourselves(ctx context.Context) worktreeOwner {
	o := worktreeOwner{PID: os.Getpid()}
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid") // nothing where there is no such thing
	o.Where = strings.TrimSpace(host + " " + space)
	if out, err := git(ctx, "rev-parse", "--git-common-dir"); err == nil {
		if dir, err := filepath.Abs(out); err == nil {
			o.Repository = resolved(dir)
		}
	}
	return o
}

// own writes down the owner of the worktree that will be in a folder.
func (o worktreeOwner) own(folder string) error {
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, ownerName), b, 0o600)
}

// removeLeft removes the worktrees of this repository whose gate ended without doing so,
// after kill -9 for instance, and prints one line. In doubt it assumes that the gate lives:
// a worktree without an owner, or of another machine or container, stays.
func removeLeft(ctx context.Context, say io.Writer, self worktreeOwner) {
	folders, listed, err := worktreeFolders(ctx)
	if err != nil {
		fmt.Fprintf(say, "note: %v\n", err)
	}
	var gone []string
	for _, folder := range folders {
		b, err := ancmbench.ReadWhole(filepath.Join(folder, ownerName), 1<<16)
		var o worktreeOwner
		if err != nil || json.Unmarshal(b, &o) != nil || o.PID <= 0 ||
			o.Where != self.Where || o.Repository != self.Repository || o.Repository == "" || processRuns(o.PID) {
			continue
		}
		if err := os.RemoveAll(folder); err != nil {
			fmt.Fprintf(say, "the rest of a killed gate cannot be removed: %v\n", err)
			continue
		}
		if root, ok := listed[folder]; ok { // twice forced: one that was killed early is locked
			if _, err := git(ctx, "worktree", "remove", "--force", "--force", root); err != nil {
				fmt.Fprintf(say, "note: the rest of a killed gate: %v\n", err)
			}
		}
		gone = append(gone, fmt.Sprint(o.PID))
	}
	if n := len(gone); n > 0 {
		fmt.Fprintf(say, "removed the base that %s left behind (process %s)\n", killedGates(n), strings.Join(gone, ", "))
	}
}

func killedGates(n int) string {
	if n == 1 {
		return "a killed gate"
	}
	return fmt.Sprintf("each of %d killed gates", n)
}

// worktreeFolders returns the folders with the names that gates give. Some are known to git,
// wherever they are, under the path that git knows. Others are among the temporary files,
// from a gate that was killed before git knew them.
func worktreeFolders(ctx context.Context) (folders []string, listed map[string]string, err error) {
	listed = map[string]string{}
	out, err := git(ctx, "worktree", "list", "--porcelain")
	for line := range strings.Lines(out) {
		path, found := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "worktree ")
		folder, name := filepath.Split(filepath.FromSlash(path))
		folder = resolved(filepath.Clean(folder))
		if found && name == worktreeName && strings.HasPrefix(filepath.Base(folder), worktreePrefix) {
			folders, listed[folder] = append(folders, folder), path
		}
	}
	unknown, _ := filepath.Glob(filepath.Join(os.TempDir(), worktreePrefix+"*"))
	for _, folder := range unknown {
		if folder = resolved(folder); listed[folder] == "" {
			folders = append(folders, folder)
		}
	}
	return folders, listed, err
}

// resolved returns a path without links, as git prints it, or the path itself if that fails.
func resolved(path string) string {
	real, _ := filepath.EvalSymlinks(path)
	return cmp.Or(real, path)
}
