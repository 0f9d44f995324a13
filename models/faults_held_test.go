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

// heldHere is what this process holds.
func heldHere() held { return held{runtime.NumGoroutine(), descriptors(os.Getpid())} }

// descriptors counts those that a process has open; 0 where the system does not tell.
func descriptors(pid int) int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return len(open)
}

// noProcess looks for what was born with the mark in its environment.
func noProcess(t *testing.T, mark string) {
	t.Helper()
	left, err := proctree.Marked(mark)
	if errors.Is(err, proctree.ErrUnknown) {
		return
	}
	if err != nil || len(left) > 0 {
		t.Errorf("processes %v are left (%v)", left, err)
	}
}
