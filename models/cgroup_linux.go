package models

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ours is how the names of cgroups begin that may be removed with the leaves.
const ours = "ancmbench"

// removeCgroups kills who is left in the leaves, and removes them and those above
// them that are ours and empty. A process that is itself in one of them leaves
// first. Gone already is no fault: parent and was both try, because either may
// have been killed.
func removeCgroups(cgroups map[string]string) error {
	var faults []error
	for _, dir := range slices.Compact(slices.Sorted(maps.Values(cgroups))) {
		if inCgroup(dir) {
			leaveCgroup(dir)
		}
		if err := removeCgroup(dir); err != nil {
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

// removeCgroup waits for the last process to be out: one that is ending has no
// environment any more, so nobody could find it, and yet keeps its cgroup busy.
func removeCgroup(dir string) error {
	err := os.Remove(dir)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if !errors.Is(err, unix.EBUSY) || inCgroup(dir) {
		return err
	}
	events, oerr := os.Open(filepath.Join(dir, "cgroup.events"))
	if oerr != nil {
		return err
	}
	defer events.Close()
	_ = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0) // a kernel since 5.14
	for end := time.Now().Add(forceful); errors.Is(err, unix.EBUSY) && time.Now().Before(end); err = os.Remove(dir) {
		// The file changes, which poll tells as POLLPRI, when "populated" does
		// (cgroup-v2.rst, "[Un]populated Notification"); reading arms it.
		var b [256]byte
		n, rerr := events.ReadAt(b[:], 0)
		if rerr != nil && rerr != io.EOF {
			return err
		}
		if strings.Contains(string(b[:n]), "populated 1") {
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(events.Fd()), Events: unix.POLLPRI}}, 100)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// inCgroup reports whether this process is in dir.
func inCgroup(dir string) bool {
	procs, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	return err == nil && slices.Contains(strings.Fields(string(procs)), strconv.Itoa(os.Getpid()))
}

// leaveCgroup moves this process out of dir into the nearest cgroup above it
// that is not ours; where that is not allowed the parent removes dir later.
func leaveCgroup(dir string) {
	up := filepath.Dir(dir)
	for strings.HasPrefix(filepath.Base(up), ours) {
		up = filepath.Dir(up)
	}
	_ = os.WriteFile(filepath.Join(up, "cgroup.procs"), []byte("0"), 0)
}
