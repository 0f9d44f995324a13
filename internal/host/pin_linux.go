package host

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Pin binds every thread of this process to the given cores, until undo is
// called: the generator's part of the plan that Cores made. Threads that begin
// later inherit it, and so do processes started afterwards: servers need a set
// given explicitly. Fingerprint and Cores look at what is allowed, so they come
// first. On an error nothing stays pinned that was not.
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
		_ = undo() // the first error says what is wrong
		return nil, err
	}
	return undo, nil
}

// pinThreads goes over the threads until it finds no new one: one that has not
// been reached yet may begin another meanwhile.
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
