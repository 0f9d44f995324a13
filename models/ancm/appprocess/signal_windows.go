package appprocess

import (
	"time"

	"golang.org/x/sys/windows"

	"ancmbench/models/internal/proctree"
)

// family is the job that the process and all that come of it are in.
type family struct{ job *proctree.Job }

// adopt puts the process into a job of its own. What a program of the user's has
// started before that is in the worker's job only, and ends with the worker.
func (f *family) adopt(pid int) error {
	job, err := proctree.NewJob()
	if err != nil {
		return err
	}
	if err := job.Add(pid); err != nil {
		job.Close()
		return err
	}
	f.job = job
	return nil
}

// awaitGroup waits until the process has ended, and ends those that came of it.
func (proc *process) awaitGroup() {
	_, _ = proc.cmd.Process.Wait() // how it ended is read by cmd.Wait
	_ = proc.family.job.Kill(5 * time.Second)
	proc.family.job.Close()
}

// terminate asks the process to end, as Ctrl-Break would (OP-16).
func (proc *process) terminate() {
	if windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(proc.pid)) != nil {
		proc.kill() // without a console nobody can be asked
	}
}

// askBySignal asks the process to end at once. A program that does not handle the
// signal ends in the middle of its work.
func (proc *process) askBySignal() {
	if proc.signaled.CompareAndSwap(false, true) {
		proc.terminate()
	}
}

func (proc *process) kill() { _ = proc.family.job.Kill(5 * time.Second) } // await sees what is left
