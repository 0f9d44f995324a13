//go:build unix

package ancm

import "golang.org/x/sys/unix"

// family needs nothing here: the process leads a group.
type family struct{}

func (*family) adopt(int) error { return nil }

// terminate asks the process and those of its group to end.
func (proc *process) terminate() { proc.signalGroup(unix.SIGTERM) }

func (proc *process) kill() { proc.signalGroup(unix.SIGKILL) }

func (proc *process) signalGroup(sig unix.Signal) {
	if !proc.over() { // else the id may be another's by now
		_ = unix.Kill(-proc.pid, sig) // it may be ending just now
	}
}
