package was

import (
	"errors"
	"fmt"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/windows"

	"ancmbench/models/internal/proctree"
)

type waitStatus = syscall.WaitStatus

// waker watches the sockets, and can be told to stop.
type waker struct{ poll *proctree.Poller }

func newWaker() (*waker, error) {
	p, err := proctree.NewPoller()
	if err != nil {
		return nil, err
	}
	return &waker{poll: p}, nil
}

func (k *waker) wake() { k.poll.Wake() }

// wait reports whether a connection waits on one of the sockets; else it was woken.
func (k *waker) wait(sockets []*proctree.Gift) (bool, error) {
	var handles []windows.Handle
	for _, s := range sockets {
		handles = append(handles, s.Handle)
	}
	err := k.poll.Readable(handles...)
	if errors.Is(err, net.ErrClosed) {
		return false, nil
	}
	return err == nil, err
}

// reaper waits for workers, and holds the job that each of them and all that
// come of it are in.
type reaper struct {
	mu   sync.Mutex
	jobs map[int]*proctree.Job // by the worker's process id
}

func (r *reaper) start() { r.jobs = map[int]*proctree.Job{} }

// run starts cmd on thread, puts it into a job of its own before it is told to do
// anything, and calls ended when it has ended. The caller must not wait for cmd.
func (r *reaper) run(thread *proctree.Thread, cmd *exec.Cmd, ended func(waitStatus)) error {
	job, err := proctree.NewJob()
	if err != nil {
		return err
	}
	if err := thread.Start(cmd); err != nil {
		job.Close()
		return err
	}
	if err := job.Add(cmd.Process.Pid); err != nil {
		err = errors.Join(err, cmd.Process.Kill(), cmd.Wait())
		job.Close()
		return fmt.Errorf("worker: %w", err)
	}
	r.mu.Lock()
	r.jobs[cmd.Process.Pid] = job
	r.mu.Unlock()
	go func() {
		var status waitStatus
		_ = cmd.Wait() // what counts is in ProcessState
		if cmd.ProcessState != nil {
			status, _ = cmd.ProcessState.Sys().(waitStatus)
		}
		ended(status)
	}()
	return nil
}

// killLeftovers ends what a dead worker has left; nil is for what is left of all.
func (a *Activation) killLeftovers(dead *Worker) error {
	if dead == nil {
		return nil
	}
	a.reaper.mu.Lock()
	defer a.reaper.mu.Unlock()
	job := a.reaper.jobs[dead.PID]
	if job == nil {
		return nil
	}
	delete(a.reaper.jobs, dead.PID)
	err := job.Kill(5 * time.Second)
	job.Close()
	return err
}
