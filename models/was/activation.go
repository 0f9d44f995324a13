//go:build unix || windows

package was

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"ancmbench/models/internal/life"
	"ancmbench/models/internal/proctree"
)

// Indexes of what a worker inherits, for proctree.Given.
const (
	ControlGift = 0 // its end of the control channel
	SocketGift  = 1 // the listening socket; those of Options.More follow
)

// Operations that a worker must answer on its control channel.
const (
	OpInit = "init" // body: Options.Init; answer: Ready, which means that it serves
	OpStop = "stop" // body: End; finish what has begun, then exit
	OpNext = "next" // answer: Message, once there is one
)

// Ready is a worker's answer to OpInit.
type Ready struct {
	// Limit is how long the worker takes at most once it is told to end.
	Limit time.Duration
}

// End says how a worker must end. A worker may get a second one, with a shorter limit.
type End struct {
	// Replace means that another worker takes new connections: this one must take none,
	// and must answer the requests that come on those that it has. If false, it must
	// answer new requests with 503.
	Replace bool
}

// Message is what a worker sends unasked.
type Message struct {
	// Replace asks for another worker in place of this one.
	Replace bool `json:",omitempty"`
	// Report is passed on to Options.Report.
	Report json.RawMessage `json:",omitempty"`
}

// Options say how the worker is run.
type Options struct {
	// Socket listens and was never accepted on. The Activation owns it.
	Socket *proctree.Gift
	// More are the site's further sockets, like Socket. A connection that waits on any
	// of them starts a worker.
	More []*proctree.Gift
	// Command makes the worker's command anew for each start. What it
	// inherits and its SysProcAttr are set by the Activation.
	Command func() *exec.Cmd
	// Attributes are what the worker is born with.
	Attributes proctree.Attributes
	// Init is the body of OpInit, sent as JSON.
	Init any
	// ReadyWithin bounds a worker's start; zero means 30 s.
	ReadyWithin time.Duration
	// Grace is the time after a worker's own limit until a worker that does not end is
	// killed; zero means 2 s.
	Grace time.Duration
	// Attempts is the number of starts in a row that fail before Run gives up; zero
	// means 3.
	Attempts int
	// Mark is a variable, "NAME=value", in the environment of every process that the
	// worker starts. It finds processes that left their group.
	Mark string
	// Report, if not nil, gets what workers report.
	Report func(json.RawMessage)
	// Died, if not nil, is called for each worker that has ended unasked, with the way
	// it ended.
	Died func(pid int, how string)
}

// Activation is the activation service of one site. Make it with New.
type Activation struct {
	opt     Options
	thread  *proctree.Thread
	reaper  reaper
	waker   *waker // ends the watch on the socket
	events  chan event
	machine life.Machine // Run's

	births sync.Mutex // held while a worker is born, and while leftovers are killed

	mu       sync.Mutex
	workers  map[int]*Worker // by the machine's number, until nothing is left of them
	starting bool
	current  *Worker
	stopping bool          // End was called
	forced   bool          // and all is to end at once
	over     chan struct{} // closed when Run returns
	changed  chan struct{} // closed and replaced when one of the above changes
}

// event is what Run waits for.
type event struct {
	what life.Event
	copy int
	err  error // why a worker has not started
	seen bool  // the watch on the socket has ended
}

// New returns an Activation, which starts nothing before Run. It fails if a watch on
// them cannot be woken. Its process should do nothing else, because the Activation
// reaps every child of it.
func New(opt Options) (*Activation, error) {
	if opt.ReadyWithin == 0 {
		opt.ReadyWithin = 30 * time.Second
	}
	if opt.Grace == 0 {
		opt.Grace = 2 * time.Second
	}
	if opt.Attempts == 0 {
		opt.Attempts = 3
	}
	w, err := newWaker()
	if err != nil {
		return nil, fmt.Errorf("activation: %w", err)
	}
	a := &Activation{opt: opt, thread: proctree.NewThread(), waker: w, events: make(chan event, 16),
		workers: map[int]*Worker{}, over: make(chan struct{}), changed: make(chan struct{})}
	a.machine.Limit = opt.Grace
	a.reaper.start()
	return a, nil
}

// Run watches the sockets and runs a worker on demand. It returns nil after End, and an
// error if workers cannot be started. When it returns, no worker runs, and nothing that
// one left behind.
func (a *Activation) Run() (err error) {
	watching, failures := false, 0
	for over := false; !over; {
		if a.machine.Wants() && !watching {
			watching = true
			go func() { a.events <- event{what: a.watch(), seen: true} }()
		}
		e := a.next()
		if e.seen {
			watching = false
		}
		switch {
		case e.err != nil:
			if failures++; failures >= a.opt.Attempts {
				err = fmt.Errorf("the worker failed to start %d times in a row: %w", failures, e.err)
				over = a.handle(event{what: life.Force}) || over
			}
		case e.what == life.Started:
			failures = 0
		}
		over = a.handle(e) || over
	}
	a.waker.wake()
	for watching { // the sockets are in use until then
		watching = !(<-a.events).seen
	}
	for _, s := range a.sockets() {
		s.Close()
	}
	a.change(func() { close(a.over) })
	return errors.Join(err, a.killLeftovers(nil))
}

// next returns the next event, or a tick at the time that the machine has asked for.
func (a *Activation) next() event {
	var due <-chan time.Time
	if at, ok := a.machine.Next(); ok {
		timer := time.NewTimer(time.Until(at))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case e := <-a.events:
		return e
	case <-due:
		return event{what: life.Tick}
	}
}

// handle does what the machine decides, and reports whether all is over.
func (a *Activation) handle(e event) (over bool) {
	if w := a.worker(e.copy); e.what == life.Started && w != nil {
		a.machine.Limit = w.limit + a.opt.Grace
	}
	if e.what == life.Stop { // who gives way to another worker hears that there is none
		a.mu.Lock()
		for _, w := range a.workers {
			if w.told {
				go w.Control.Call(context.Background(), OpStop, End{}, nil)
			}
		}
		a.mu.Unlock()
	}
	for _, do := range a.machine.Handle(time.Now(), e.what, e.copy) {
		switch do.Kind {
		case life.Start:
			a.change(func() { a.starting = true })
			go a.launch(do.Copy)
		case life.Tell:
			a.tell(a.worker(do.Copy))
		case life.Kill:
			if w := a.worker(do.Copy); w != nil {
				_ = w.process.Kill() // it may have ended already
			}
		case life.Crash:
			if w := a.worker(do.Copy); w != nil && a.opt.Died != nil && e.err == nil {
				a.opt.Died(w.PID, describe(w.status))
			}
		case life.Over:
			over = true
		}
	}
	if e.what == life.Ended {
		a.change(func() {
			if w := a.workers[e.copy]; w != nil {
				close(w.gone)
				delete(a.workers, e.copy)
			}
		})
	}
	id, serves := a.machine.Current()
	a.change(func() {
		a.starting = id != 0 && !serves
		if a.current = nil; serves {
			a.current = a.workers[id]
		}
	})
	return over
}

func (a *Activation) tell(w *Worker) {
	if w == nil {
		return
	}
	a.mu.Lock()
	w.told = true
	replace := !a.stopping
	a.mu.Unlock()
	go w.Control.Call(context.Background(), OpStop, End{Replace: replace}, nil) // it answers by exiting
}

func (a *Activation) worker(id int) *Worker {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.workers[id]
}

// change changes what others wait for.
func (a *Activation) change(f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f()
	close(a.changed)
	a.changed = make(chan struct{})
}

// watch waits until a connection waits on the socket, or it is woken.
func (a *Activation) watch() life.Event {
	waits, err := a.waker.wait(a.sockets())
	switch {
	case err != nil:
		return life.Force
	case waits:
		return life.Demand
	}
	return life.Tick
}

// sockets returns all sockets of the site, in the order of a worker's descriptors.
func (a *Activation) sockets() []*proctree.Gift {
	return append([]*proctree.Gift{a.opt.Socket}, a.opt.More...)
}

// Worker returns the running worker, nil if there is none. It waits for a worker that
// is being started, which may have answered requests already. It fails when ctx ends.
func (a *Activation) Worker(ctx context.Context) (*Worker, error) {
	for {
		a.mu.Lock()
		starting, w, changed := a.starting, a.current, a.changed
		a.mu.Unlock()
		if !starting {
			return w, nil
		}
		select {
		case <-changed:
		case <-a.over:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Recycle ends the worker gracefully, or by force after its limit or at the end of ctx.
// It returns when the worker and what it left behind are gone. The next connection
// starts another worker meanwhile. If an older worker is still ending, this one goes on
// serving until that is gone. Without a worker nothing happens.
func (a *Activation) Recycle(ctx context.Context) error {
	w, err := a.Worker(ctx)
	if err != nil || w == nil {
		return err
	}
	a.send(event{what: life.Replace})
	select {
	case <-w.gone:
		return nil
	case <-ctx.Done():
		w.kill()
		<-w.gone
		return ctx.Err()
	}
}

// ErrNoWorker is the error of an operation on a worker when none runs.
var ErrNoWorker = errors.New("no worker runs")

// Kill ends the worker with SIGKILL, and returns when it and what it left behind are
// gone. It fails with ErrNoWorker if there is none.
func (a *Activation) Kill(ctx context.Context) error {
	w, err := a.Worker(ctx)
	switch {
	case err != nil:
		return err
	case w == nil:
		return ErrNoWorker
	}
	w.kill()
	select {
	case <-w.gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send passes an event to Run, unless Run has returned.
func (a *Activation) send(e event) {
	select {
	case a.events <- e:
	case <-a.over:
	}
}

// End ends the workers gracefully within their limit and ctx, else by force, and
// returns when Run has returned. It may be called again with a shorter ctx; one that
// has ended ends everything at once.
func (a *Activation) End(ctx context.Context) {
	a.mu.Lock()
	a.stopping = true
	a.mu.Unlock()
	if ctx.Err() == nil {
		a.send(event{what: life.Stop})
		a.waker.wake()
		select {
		case <-a.over:
			return
		case <-ctx.Done():
		}
	}
	a.mu.Lock()
	a.forced = true
	a.mu.Unlock()
	a.send(event{what: life.Force})
	a.waker.wake()
	<-a.over
}
