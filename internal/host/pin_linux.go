package host

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Pin binds every thread of this process to the given cores until undo is called. Later
// threads inherit the cores, and so do processes that are started afterwards: give servers
// their cores explicitly. Call Fingerprint and Cores before, because they report the
// allowed cores. If Pin fails, it restores the previous state.
func Pin(cores []int) (undo func() error, err error) {
	var before, set unix.CPUSet
	if err := unix.SchedGetaffinity(os.Getpid(), &before); err != nil {
		return nil, fmt.Errorf("pin: %w", err)
	}
	for _, c := range cores {
		set.Set(c)
		if c < 0 || !set.IsSet(c) {
			return nil, fmt.Errorf("pin: there is no core %d", c)
		}
	}
	if set.Count() == 0 {
		return nil, fmt.Errorf("pin: no cores")
	}
	undo = func() error { return pinThreads(&before) }
	if err := pinThreads(&set); err != nil {
		_ = undo() // the first error is the one to report
		return nil, err
	}
	return undo, nil
}

// pinThreads pins threads until it finds no new one, because a thread that is not pinned
// yet may start another.
func pinThreads(set *unix.CPUSet) error {
	done := make(map[string]bool)
	for fresh := true; fresh; {
		fresh = false
		entries, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return fmt.Errorf("pin: %w", bare(err))
		}
		for _, e := range entries {
			if done[e.Name()] {
				continue
			}
			tid, err := strconv.Atoi(e.Name())
			if err != nil {
				continue
			}
			done[e.Name()], fresh = true, true
			if err := unix.SchedSetaffinity(tid, set); err != nil && err != unix.ESRCH {
				return fmt.Errorf("pin: %w", err)
			}
		}
	}
	return nil
}
