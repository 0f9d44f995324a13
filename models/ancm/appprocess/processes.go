package appprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/webconfig"
	"ancmbench/models/internal/control"
	"ancmbench/models/internal/proctree"
)

// Options say how to run the processes of the app.
type Options struct {
	// Config is the module's configuration; take it from webconfig.Default. Its
	// ProcessPath and Arguments are ignored: Command is the program.
	Config  webconfig.Config
	Command webconfig.Command
	// Attributes are those of a new process, which always leads a group of its own.
	Attributes proctree.Attributes

	// NoToken leaves out the pairing: the app gets no token and no shutdown request.
	NoToken bool
	// UnixSocket lets a Controlled app listen on a Unix socket instead of a TCP port.
	UnixSocket bool
	// Authentication lists the schemes of the front; empty means "anonymous;".
	Authentication string
	// NoWebSockets says that the front does not pass WebSockets on.
	NoWebSockets bool
	// HTTPSPort is the front's port for HTTPS; zero means that it has none.
	HTTPSPort int

	// PollEvery is the time between two looks at the port until the app listens: 250 ms
	// in the original. Zero means no wait for an app that tells when it listens, and
	// for others 1 ms growing to 20 ms.
	PollEvery time.Duration
	// Attempts is the number of starts that are tried for one request; zero means 2.
	Attempts int
	// KillGrace is the time between SIGTERM and SIGKILL once ShutdownTimeLimit is
	// over; zero means 500 ms.
	KillGrace time.Duration
	// FailWindow is the fixed window of RapidFailsPerMinute; zero means a minute.
	FailWindow time.Duration
	// Output, if not nil, gets a copy of what the app prints, unless that goes to the
	// stdout log.
	Output io.Writer
	// Debug is the log that the life of the processes is written to. If nil, it is not
	// written.
	Debug *debuglog.Log
	// Report, if not nil, gets the entries that the original writes to the event log.
	Report func(eventlog.Event)
	// Secrets are further variables, NAME=value, whose values must not be shown.
	Secrets []string
}

// Defaults of Options.
const (
	defaultAttempts  = 2
	defaultKillGrace = 500 * time.Millisecond
)

// Instance is one process of the app.
type Instance struct {
	PID  int
	Port int
	// Control is nil unless the command is Controlled.
	Control *control.Caller
}

// Processes runs the processes of one app, the first one with the first request. Make
// it with New, end it with Shutdown.
type Processes struct {
	opt    Options
	slots  []slot
	next   atomic.Uint32 // wraps; a turn out of order then is no harm
	starts atomic.Uint32
	thread *proctree.Thread
	closed sync.Once
	fails  failWindow
	procs  sync.WaitGroup // starts, and running processes
}

// New returns the Processes of an app and starts none. Its error joins every fault of
// the options.
func New(opt Options) (*Processes, error) {
	if err := opt.check(); err != nil {
		return nil, err
	}
	p := &Processes{opt: opt, slots: make([]slot, opt.Config.ProcessesPerApp), thread: proctree.NewThread()}
	p.fails = failWindow{limit: opt.Config.RapidFailsPerMinute, length: opt.FailWindow}
	for i := range p.slots {
		p.slots[i].init(p)
	}
	return p, nil
}

// Check returns every fault of the options, joined, as New does.
func (o Options) Check() error { return o.check() }

func (o *Options) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if o.Command.Path == "" {
		fault("processPath: must not be empty")
	}
	if err := o.Config.Check(); err != nil {
		faults = append(faults, err)
	}
	if o.UnixSocket && !o.Command.Controlled {
		fault("a Unix socket: only a Controlled command can use one")
	}
	if o.Config.AppPath == "" {
		o.Config.AppPath = "/"
	}
	if o.Attempts == 0 {
		o.Attempts = defaultAttempts
	}
	if o.KillGrace == 0 {
		o.KillGrace = defaultKillGrace
	}
	if o.FailWindow == 0 {
		o.FailWindow = time.Minute
	}
	return errors.Join(faults...)
}

// Ready returns the process whose turn it is (CF-08), nil if that one does not run.
func (p *Processes) Ready() *ancm.Backend {
	if proc := p.turn().ready.Load(); proc != nil {
		return proc.backend
	}
	return nil
}

func (p *Processes) turn() *slot {
	if len(p.slots) == 1 {
		return &p.slots[0]
	}
	return &p.slots[p.next.Add(1)%uint32(len(p.slots))]
}

// Start returns a process that runs, and starts one if the slot whose turn it is has
// none. Requests that come during a start wait for it, each until its own ctx ends
// (OP-01). The error is an *ancm.Failure, 502.5 or 503, or ctx's.
func (p *Processes) Start(ctx context.Context) (*ancm.Backend, error) {
	for s := p.free(); ; {
		proc, st, changed, err := s.join()
		switch {
		case err != nil:
			return nil, err
		case proc != nil:
			return proc.backend, nil
		case st != nil:
			changed = st.done
		}
		select {
		case <-changed:
			if st != nil && st.err != nil {
				return nil, p.failure(st.err)
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// free returns one of the slots without a process, in turn, so that first requests that
// come together start several. If every slot has a process by now, it returns the slot
// whose turn it is.
func (p *Processes) free() *slot {
	var free []*slot
	for i := range p.slots {
		if p.slots[i].ready.Load() == nil {
			free = append(free, &p.slots[i])
		}
	}
	if len(free) == 0 {
		return p.turn()
	}
	return free[p.starts.Add(1)%uint32(len(free))]
}

// Instances returns the processes that serve now.
func (p *Processes) Instances() []Instance {
	var out []Instance
	for i := range p.slots {
		if proc := p.slots[i].ready.Load(); proc != nil {
			out = append(out, Instance{PID: proc.pid, Port: proc.port, Control: proc.control})
		}
	}
	return out
}

// StartError is the error of an app that could not be started.
type StartError struct {
	Reason error
	// Output is what the app printed before it failed, at most 30,000 bytes.
	Output string
	// Last is the end of what it printed, which Output lacks of an app that printed more.
	Last string
}

func (e *StartError) Error() string { return "the app could not be started: " + e.Reason.Error() }

// Unwrap returns the reason.
func (e *StartError) Unwrap() error { return e.Reason }

// failWindow counts exits in fixed windows, as the module does.
type failWindow struct {
	mu     sync.Mutex
	limit  int
	length time.Duration
	begun  time.Time
	count  int
	told   bool // that the limit is reached in this window
}

// rapidFailsError is the error of an app that is not started for now, because it failed
// too often.
type rapidFailsError struct {
	text  string
	first bool // to be told in its window
}

func (e *rapidFailsError) Error() string { return e.text }

func (w *failWindow) roll() {
	if now := time.Now(); w.begun.IsZero() || now.Sub(w.begun) >= w.length {
		w.begun, w.count, w.told = now, 0, false
	}
}

func (w *failWindow) add() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roll()
	w.count++
}

// check fails while more than limit exits lie in the window.
func (w *failWindow) check() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roll()
	if w.count <= w.limit {
		return nil
	}
	first := !w.told
	w.told = true
	return &rapidFailsError{first: first, text: fmt.Sprintf("it ended %d times within %v, rapidFailsPerMinute allows %d; it is tried again in %v",
		w.count, w.length, w.limit, (w.length - time.Since(w.begun)).Round(time.Second))}
}
