//go:build unix

package fleet

import (
	"os/exec"
	"syscall"
)

// ownGroup starts a process in a group of its own, so that Ctrl-C at the terminal reaches
// the coordinator alone: it tells the agents.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup kills a process and what it has started.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended meanwhile
}
