package peers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

// pids lists the living processes of the tree.
func (t *tree) pids() ([]int, error) {
	group, err := t.group()
	if err != nil {
		return nil, err
	}
	var below []int
	if !t.reaped.Load() {
		if below, err = proctree.Descendants(t.root); err != nil {
			return nil, err
		}
	}
	marked, err := proctree.Marked(t.mark)
	if err != nil {
		return nil, err
	}
	return together(group, below, marked, t.inCgroup()), nil
}

func (t *tree) group() ([]int, error) {
	if t.groupGone.Load() {
		return nil, nil
	}
	reaped := t.reaped.Load() // before the look: a root that ends during it is in it
	pids, err := proctree.Group(t.root)
	if err == nil && len(pids) == 0 && reaped {
		t.groupGone.Store(true)
	}
	return pids, err
}

// inCgroup lists what is in the cgroup and in those below it.
func (t *tree) inCgroup() (pids []int) {
	if t.cgroup == "" {
		return nil
	}
	_ = filepath.WalkDir(t.cgroup, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // it may be removed meanwhile
		}
		b, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if err != nil {
			return nil
		}
		for _, w := range strings.Fields(string(b)) {
			if pid, err := strconv.Atoi(w); err == nil {
				pids = append(pids, pid)
			}
		}
		return nil
	})
	return pids
}

// kill ends every process of the tree and returns when none is left.
func (t *tree) kill(bound time.Duration) error {
	if t.cgroup != "" {
		// All at once, however quickly they fork (Linux 5.14).
		_ = os.WriteFile(filepath.Join(t.cgroup, "cgroup.kill"), []byte("1"), 0)
	}
	return proctree.Kill(bound, t.pids)
}

// pinThread restricts the calling thread, and what it starts, to cpus.
func pinThread(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	var set unix.CPUSet
	for _, c := range cpus {
		set.Set(c)
	}
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("pinning to CPUs %v: %w", cpus, err)
	}
	return nil
}

// ours is how the names of cgroups begin that may be removed with the leaf.
const ours = "ancmbench"

// removeCgroup removes the leaf, and those above it that are ours and empty.
// Gone already is no fault.
func removeCgroup(dir string) error {
	if dir == "" {
		return nil
	}
	for end := time.Now().Add(time.Second); ; {
		err := os.Remove(dir)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			break
		}
		// The last process is dead, and for a moment the kernel still counts it.
		if !errors.Is(err, unix.EBUSY) || time.Now().After(end) {
			return fmt.Errorf("removing cgroup: %w", err)
		}
		time.Sleep(time.Millisecond)
	}
	for dir = filepath.Dir(dir); strings.HasPrefix(filepath.Base(dir), ours); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			break // others are still in it
		}
	}
	return nil
}
