//go:build unix

package main

import (
	"errors"
	"os/exec"
	"syscall"
)

// inOwnGroup puts a command into a process group of its own, which is asked to end
// when the command's context ends: compilers outlive the shell that started them, and
// hold its output open. end kills what is left of it.
func inOwnGroup(c *exec.Cmd) (end func()) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
	c.WaitDelay = buildGrace
	return func() {
		if c.Process != nil {
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		}
	}
}

// processRuns reports whether there is a process of that number, somebody else's
// included. A process that has ended and was not waited for yet counts as one.
func processRuns(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
