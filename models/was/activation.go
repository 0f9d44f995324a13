//go:build unix || windows

package was

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
)

// What a worker is given, in the order of proctree.Given.
const (
	ControlGift = 0 // its end of the control channel
	SocketGift  = 1 // the listening socket; those of Options.More follow
)

// Operations that a worker must answer on its control channel.
const (
	OpInit = "init" // body: Options.Init; the answer means that it serves
	OpStop = "stop" // finish what has begun, then exit
)

// Options say how the worker is run.
type Options struct {
	// Socket listens and was never accepted on. The Activation owns it.
	Socket *proctree.Gift
	// More are the site's further sockets, as Socket; a connection that waits on
	// any of them is demand.
	More []*proctree.Gift
	// Command makes the worker's command anew for each start. What it
	// inherits and its SysProcAttr are set by the Activation.
	Command func() *exec.Cmd
	// Attributes are what the worker is born with.
	Attributes proctree.Attributes
	// Init is what the worker is told first; it must survive JSON.
	Init any
	// ReadyWithin bounds a worker's start; zero means 30 s.
	ReadyWithin time.Duration
	// Grace is how long a worker that was told to stop may take; zero means 15 s.
	Grace time.Duration
	// Attempts is how many starts may fail in a row before Run gives up; zero
	// means 3.
	Attempts int
	// Mark is a variable "NAME=value" that is in the environment of everything
	// the worker starts, by which leftovers are found that left their family.
	Mark string
}

// Activation is one site's activation service. Make it with New.
type Activation struct {
	opt    Options
	thread *proctree.Thread
	reaper reaper
	waker  *waker // ends the watch on the socket

	mu       sync.Mutex
	starting *Worker
	current  *Worker
	ending   bool
	changed  chan struct{} // closed and replaced when starting or current changes
}

// Worker is a worker process.
type Worker struct {
	PID     int
	Control *control.Caller
	process *os.Process
	exited  chan struct{}
	status  waitStatus // valid once exited is closed
}

// New makes an Activation. It starts nothing until Run. The process it is made
// in should do nothing else: every child of it is reaped here.
func New(opt Options) (*Activation, error) {
	if opt.ReadyWithin == 0 {
		opt.ReadyWithin = 30 * time.Second
	}
	if opt.Grace == 0 {
		opt.Grace = 15 * time.Second
	}
	if opt.Attempts == 0 {
		opt.Attempts = 3
	}
	w, err := newWaker()
	if err != nil {
		return nil, fmt.Errorf("activation: %w", err)
	}
	a := &Activation{opt: opt, thread: proctree.NewThread(), waker: w, changed: make(chan struct{})}
	a.reaper.start()
	return a, nil
}

// Run watches the socket and keeps a worker on demand, until End is called
// (then it returns nil) or until workers cannot be started. Either way no worker
// and nothing that one left behind runs when it returns.
func (a *Activation) Run() error {
	defer func() {
		for _, s := range a.sockets() {
			s.Close()
		}
	}()
	failures := 0
	for a.demand() {
		w, err := a.startWorker()
		if err != nil {
			a.setCurrent(nil)
			lerr := a.killLeftovers()
			if failures++; failures >= a.opt.Attempts {
				return errors.Join(fmt.Errorf("the worker failed to start %d times in a row: %w", failures, err), lerr)
			}
			continue
		}
		failures = 0
		a.setCurrent(w)
		<-w.exited
		w.Control.Close()
		err = a.killLeftovers()
		a.setCurrent(nil)
		if err != nil {
			return err
		}
	}
	return a.killLeftovers()
}

// demand waits until a connection waits on the socket; false means that the
// Activation is to end.
func (a *Activation) demand() bool {
	for {
		a.mu.Lock()
		ending := a.ending
		a.mu.Unlock()
		if ending {
			return false
		}
		waits, err := a.waker.wait(a.sockets())
		if err != nil {
			return false
		}
		if waits {
			return true
		}
	}
}

// sockets are all that the site listens on, in the order of a worker's descriptors.
func (a *Activation) sockets() []*proctree.Gift {
	return append([]*proctree.Gift{a.opt.Socket}, a.opt.More...)
}

func (a *Activation) startWorker() (*Worker, error) {
	cmd := a.opt.Command()
	mine, theirs, err := control.Pair()
	if err != nil {
		return nil, err
	}
	attr, release, err := a.opt.Attributes.SysProcAttr()
	if err != nil {
		return nil, errors.Join(err, mine.Close(), theirs.Close())
	}
	cmd.SysProcAttr = attr
	w := &Worker{exited: make(chan struct{})}
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
	a.setStarting(w)
	ctx, cancel := context.WithTimeout(context.Background(), a.opt.ReadyWithin)
	defer cancel()
	if err := w.Control.Call(ctx, OpInit, a.opt.Init, nil); err != nil {
		w.kill()
		w.Control.Close()
		return nil, w.explain(err)
	}
	return w, nil
}

// explain puts how the worker ended before err, which says what was noticed.
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

// kill ends the worker and waits until it is reaped.
func (w *Worker) kill() {
	_ = w.process.Kill() // it may have ended already
	<-w.exited
}

// setStarting lets others wait until a worker serves. One that is started when
// the Activation is to end already has nobody to end it, and nobody to serve.
func (a *Activation) setStarting(w *Worker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.starting = w
	if a.ending {
		_ = w.process.Kill() // startWorker sees it end
	}
}

// setCurrent makes a worker that has started the current one; nil means that
// there is none any more.
func (a *Activation) setCurrent(w *Worker) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.starting, a.current = nil, w
	close(a.changed)
	a.changed = make(chan struct{})
}

// Worker gives the running worker, nil if there is none. It waits for one that
// is being started: it may have answered requests already.
func (a *Activation) Worker(ctx context.Context) (*Worker, error) {
	w, _, err := a.settled(ctx)
	return w, err
}

func (a *Activation) settled(ctx context.Context) (*Worker, <-chan struct{}, error) {
	for {
		a.mu.Lock()
		starting, w, changed := a.starting, a.current, a.changed
		a.mu.Unlock()
		if starting == nil {
			return w, changed, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// Recycle ends the worker gracefully, or by force after the grace or at the end
// of ctx, and returns when it and what it left behind are gone. The next
// connection starts another. Without a worker nothing happens.
func (a *Activation) Recycle(ctx context.Context) error {
	err := a.gone(ctx, func(w *Worker) { a.terminateWithin(ctx, w) })
	if err == ErrNoWorker {
		return nil
	}
	return err
}

// ErrNoWorker says that there is no worker to do something to.
var ErrNoWorker = errors.New("no worker runs")

// Kill ends the worker with SIGKILL and returns when it and what it left behind
// are gone; ErrNoWorker if there is none.
func (a *Activation) Kill(ctx context.Context) error {
	return a.gone(ctx, (*Worker).kill)
}

func (a *Activation) gone(ctx context.Context, end func(*Worker)) error {
	w, changed, err := a.settled(ctx)
	switch {
	case err != nil:
		return err
	case w == nil:
		return ErrNoWorker
	}
	end(w)
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Activation) terminateWithin(ctx context.Context, w *Worker) {
	ctx, cancel := context.WithTimeout(ctx, a.opt.Grace)
	defer cancel()
	go w.Control.Call(ctx, OpStop, nil, nil) // it answers by exiting
	select {
	case <-w.exited:
	case <-ctx.Done():
		w.kill()
	}
}

// End makes Run return: with the worker ended gracefully within ctx and the
// grace, else by force. It returns at once if it was called before.
func (a *Activation) End(ctx context.Context) {
	a.mu.Lock()
	again := a.ending
	a.ending = true
	a.mu.Unlock()
	if again {
		return
	}
	a.waker.wake()
	ctx, cancel := context.WithTimeout(ctx, a.opt.Grace)
	defer cancel()
	// A worker that is starting may have begun to answer before it said so.
	w, _, err := a.settled(ctx)
	if err != nil {
		a.mu.Lock()
		if a.starting != nil {
			_ = a.starting.process.Kill() // startWorker sees it end
		}
		w = a.current
		a.mu.Unlock()
	}
	if w != nil {
		a.terminateWithin(ctx, w)
	}
}
