//go:build unix || windows

package was

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ancmbench/models/internal/control"
	"ancmbench/models/internal/life"
	"ancmbench/models/internal/proctree"
)

// envWorker marks what one worker has started, while another runs beside it.
const envWorker = "ANCMBENCH_WORKER"

// Worker is a worker process.
type Worker struct {
	PID     int
	Control *control.Caller
	id      int
	process *os.Process
	exited  chan struct{}
	limit   time.Duration // as it said when it was ready
	status  waitStatus    // valid once exited is closed
	told    bool          // to end; under the Activation's mu
	gone    chan struct{} // closed when nothing that it left is there
}

// launch starts a worker, passes on what it reports, and returns when it is gone.
func (a *Activation) launch(id int) {
	w, err := a.startWorker(id)
	if err == nil {
		a.events <- event{what: life.Started, copy: id}
		go a.listen(w)
		<-w.exited
	}
	if w != nil {
		w.Control.Close()
	}
	a.births.Lock()
	lerr := a.killLeftovers(w)
	a.births.Unlock()
	if err == nil && lerr != nil {
		a.events <- event{what: life.Force}
	}
	a.events <- event{what: life.Ended, copy: id, err: err}
}

// listen passes on the messages of a worker, until it is gone.
func (a *Activation) listen(w *Worker) {
	for {
		var m Message
		if err := w.Control.Call(context.Background(), OpNext, nil, &m); err != nil {
			return
		}
		if m.Report != nil && a.opt.Report != nil {
			a.opt.Report(m.Report)
		}
		if m.Replace {
			a.mu.Lock()
			current := a.current == w
			a.mu.Unlock()
			if current {
				a.send(event{what: life.Replace})
			}
		}
	}
}

// startWorker starts a worker and waits until it serves. If it fails it returns, with
// the error, the worker that has failed, nil if no process was started.
func (a *Activation) startWorker(id int) (*Worker, error) {
	w, err := a.bear(id)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.opt.ReadyWithin)
	defer cancel()
	var ready Ready
	if err := w.Control.Call(ctx, OpInit, a.opt.Init, &ready); err != nil {
		w.kill()
		return w, w.explain(err)
	}
	w.limit = ready.Limit
	return w, nil
}

// bear starts the worker's process.
func (a *Activation) bear(id int) (*Worker, error) {
	cmd := a.opt.Command()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	w := &Worker{id: id, exited: make(chan struct{}), gone: make(chan struct{})}
	cmd.Env = append(cmd.Env, w.mark())
	mine, theirs, err := control.Pair()
	if err != nil {
		return nil, err
	}
	attr, release, err := a.opt.Attributes.SysProcAttr()
	if err != nil {
		return nil, errors.Join(err, mine.Close(), theirs.Close())
	}
	cmd.SysProcAttr = attr
	a.births.Lock()
	defer a.births.Unlock()
	if err = proctree.Give(cmd, append([]*proctree.Gift{theirs}, a.sockets()...)...); err == nil {
		err = a.reaper.run(a.thread, cmd, func(ws waitStatus) {
			w.status = ws
			close(w.exited)
		})
	}
	release()
	theirs.Close()
	if err != nil {
		mine.Close()
		return nil, err
	}
	w.process, w.PID = cmd.Process, cmd.Process.Pid
	w.Control = control.NewCaller(mine)
	a.mu.Lock()
	a.workers[id] = w
	unwanted := a.forced
	a.mu.Unlock()
	if unwanted { // it was killed before it was there
		_ = w.process.Kill()
	}
	return w, nil
}

// mark returns the variable that is in the environment of what the worker starts,
// unless a process removes it.
func (w *Worker) mark() string { return fmt.Sprintf("%s=%d.%d", envWorker, os.Getpid(), w.id) }

// explain returns err, the fault that was noticed, with the way in which the worker
// ended before it.
func (w *Worker) explain(err error) error {
	var said *control.RemoteError
	switch {
	case errors.As(err, &said):
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("it did not serve in time: %w", err)
	case w.status.Signaled():
		return fmt.Errorf("it was ended by %v before it served: %w", w.status.Signal(), err)
	}
	return fmt.Errorf("it exited with status %d before it served: %w", w.status.ExitStatus(), err)
}

// describe returns the way in which a process has ended, in words.
func describe(s waitStatus) string {
	if s.Signaled() {
		return fmt.Sprintf("signal: %v", s.Signal())
	}
	return fmt.Sprintf("exit status %d", s.ExitStatus())
}

// kill ends the worker and waits until it is reaped.
func (w *Worker) kill() {
	_ = w.process.Kill() // it may have ended already
	<-w.exited
}
