//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// inOwnGroup does nothing here: what a killed command leaves running is not waited for.
func inOwnGroup(c *exec.Cmd) (end func()) {
	c.WaitDelay = buildGrace
	return func() {}
}

// noSuchProcess is ERROR_INVALID_PARAMETER, the error of Windows for a process number that
// does not exist. A process of another user gives another error.
const noSuchProcess = syscall.Errno(87)

// processRuns reports whether there is a process of that number. In doubt there is.
func processRuns(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return !errors.Is(err, noSuchProcess)
	}
	_ = p.Release()
	return true
}
