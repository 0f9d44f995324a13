//go:build !unix

package fleet

import "os/exec"

// ownGroup does nothing: this system has no process groups.
func ownGroup(*exec.Cmd) {}

// killGroup kills a process.
func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // it may have ended meanwhile
}
