package models

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ours is how the names of cgroups begin that may be removed with the leaves.
const ours = "ancmbench"

// removeCgroups removes the leaves, and those above them that are ours and
// empty. A process that is itself in one of them leaves first. Gone already is
// no fault: parent and was both try, because either may have been killed.
func removeCgroups(cgroups map[string]string) error {
	leaves := slices.Sorted(maps.Values(cgroups))
	for _, dir := range leaves {
		leaveCgroup(dir)
	}
	var faults []error
	for _, dir := range slices.Compact(leaves) {
		if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			faults = append(faults, fmt.Errorf("removing cgroup: %w", err))
			continue
		}
		for dir = filepath.Dir(dir); strings.HasPrefix(filepath.Base(dir), ours); dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil {
				break // others are still in it
			}
		}
	}
	return errors.Join(faults...)
}

// leaveCgroup moves this process out of dir into the nearest cgroup above it
// that is not ours; where that is not allowed the parent removes dir later.
func leaveCgroup(dir string) {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(own)) {
		// "0::/path" is the place in the cgroup v2 hierarchy (cgroups(7)).
		path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !ok || path == "/" || !strings.HasSuffix(dir, path) {
			continue
		}
		up := filepath.Dir(dir)
		for strings.HasPrefix(filepath.Base(up), ours) {
			up = filepath.Dir(up)
		}
		_ = os.WriteFile(filepath.Join(up, "cgroup.procs"), []byte("0"), 0)
	}
}
