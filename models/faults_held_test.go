//go:build unix

package models_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"

	"ancmbench/models/internal/proctree"
)

// heldHere returns what this process holds.
func heldHere() held { return held{runtime.NumGoroutine(), descriptors(os.Getpid())} }

// descriptors counts those that a process has open; 0 where the system does not tell.
func descriptors(pid int) int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if pid == os.Getpid() && len(open) == 0 && runtime.GOOS == "linux" {
		panic("this process has no descriptor open: whoever counts them sees nothing")
	}
	return len(open)
}

// marked returns the processes born with the mark in their environment; none where the
// system does not tell.
func marked(t *testing.T, mark string) []int {
	t.Helper()
	there, err := proctree.Marked(mark)
	if err != nil && !errors.Is(err, proctree.ErrUnknown) {
		t.Error(err)
	}
	return there
}

// noProcess looks for what was born with the mark.
func noProcess(t *testing.T, mark string) {
	t.Helper()
	if left := marked(t, mark); len(left) > 0 {
		t.Errorf("processes %v are left", left)
	}
}
