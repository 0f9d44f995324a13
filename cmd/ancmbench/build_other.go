//go:build !unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// inOwnGroup does not wait for what a killed command leaves behind.
func inOwnGroup(c *exec.Cmd) (end func()) {
	c.WaitDelay = buildGrace
	return func() {}
}

// noSuchProcess is ERROR_INVALID_PARAMETER, with which Windows tells that there is no
// process of a number; one that is somebody else's is refused in another way.
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
