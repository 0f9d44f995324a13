//go:build unix

package appprocess

import (
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/models/internal/proctree"
)

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

// askBySignal sends SIGTERM at once to the processes of the group that handle it. The
// others would end in the middle of an answer, so they get it when no request is in
// flight any more.
func (proc *process) askBySignal() {
	pids, err := proctree.Group(proc.pid)
	deaf := 0
	for _, pid := range pids {
		if hears, err := proctree.Catches(pid, unix.SIGTERM); err == nil && !hears {
			deaf++
		} else if !proc.over() {
			_ = unix.Kill(pid, unix.SIGTERM)
		}
	}
	if err == nil && deaf == 0 && len(pids) > 0 {
		proc.signaled.Store(true)
		return
	}
	look := time.NewTicker(idleEvery)
	defer look.Stop()
	for err == nil && proc.backend.Busy() > 0 {
		select {
		case <-proc.exited:
			return
		case <-look.C:
		}
	}
	if proc.signaled.CompareAndSwap(false, true) {
		proc.terminate()
	}
}
