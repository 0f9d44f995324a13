package peers

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/windows"

	"ancmbench/models/internal/proctree"
)

// shell runs a line of the user's; cmd reads it as it stands, without the
// quoting that other programs expect.
func shell(line string) *exec.Cmd {
	cmd := exec.Command("cmd")
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd /S /C "` + line + `"`}
	return cmd
}

// tree is every process of one server: those in a job object, which ends with
// the last handle to it, and that is ours.
type tree struct{ job *proctree.Job }

func plant(cmd *exec.Cmd, l launch, _ string) (*tree, error) {
	if l.cgroup != "" || len(l.cpus) > 0 {
		return nil, errors.New("cgroup and CPUs: only Linux is supported")
	}
	job, err := proctree.NewJob()
	if err != nil {
		return nil, err
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// A group of its own, so that CTRL_BREAK reaches it alone.
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_NEW_PROCESS_GROUP
	if err := cmd.Start(); err != nil {
		job.Close()
		return nil, fmt.Errorf("cannot start: %w", err)
	}
	if err := job.Add(cmd.Process.Pid); err != nil {
		err = errors.Join(err, cmd.Process.Kill(), cmd.Wait())
		job.Close()
		return nil, err
	}
	return &tree{job: job}, nil
}

func (t *tree) pids() ([]int, error) { return t.job.Processes() }

// terminate asks the processes to end, as Ctrl-Break would: there are no signals.
func (t *tree) terminate(string) {
	pids, err := t.pids()
	if err != nil {
		return
	}
	for _, pid := range pids { // the id of a group's leader names the group
		_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(pid))
	}
}

// reap does nothing: a job need not know that the first process was waited for.
func (t *tree) reap() {}

func (t *tree) linger(forced <-chan struct{}) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if pids, err := t.pids(); err != nil || len(pids) == 0 {
			return
		}
		select {
		case <-forced:
			return
		case <-tick.C:
		}
	}
}

func (t *tree) kill(bound time.Duration) error { return t.job.Kill(bound) }

func (t *tree) close(bool) { t.job.Close() }
