package appprocess

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/ancm"
	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/internal/life"
)

// settleTime is how long a process that must end may still get requests that were on
// their way to it when it was taken out of use.
const settleTime = 50 * time.Millisecond

// idleEvery is the time between two checks whether such a process is idle.
const idleEvery = 2 * time.Millisecond

// slot is the place of one of processesPerApplication processes. Its machine decides
// when a process there starts, is told to end, and is killed.
type slot struct {
	p     *Processes
	ready atomic.Pointer[process] // what requests use

	mu      sync.Mutex
	machine life.Machine
	timer   *time.Timer // rings when the machine wants to look
	start   *starting   // nil when nobody is starting one that is wanted
	starts  map[int]*starting
	procs   map[int]*process // by the machine's number, until they have ended
	changed chan struct{}    // closed and replaced after every event
}

// starting is a start that requests wait for.
type starting struct {
	done   chan struct{}
	cancel context.CancelFunc
	err    error // valid once done is closed
}

func (s *slot) init(p *Processes) {
	s.p = p
	s.machine = life.Machine{Limit: p.opt.Config.ShutdownTimeLimit, SettleReplace: settleTime, SettleStop: settleTime, AbortStarts: true}
	s.starts, s.procs, s.changed = map[int]*starting{}, map[int]*process{}, make(chan struct{})
}

func (s *slot) handle(e life.Event, id int) (refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handleLocked(e, id)
}

// handleLocked does what the machine decides. refused reports whether requests that
// wait get 503.
func (s *slot) handleLocked(e life.Event, id int) (refused bool) {
	for _, do := range s.machine.Handle(time.Now(), e, id) {
		proc := s.procs[do.Copy]
		switch do.Kind {
		case life.Start:
			s.begin(do.Copy)
		case life.Yield:
			proc.backend.Retire()
			go s.untilIdle(do.Copy, proc)
		case life.Tell:
			close(proc.asked)
			go s.p.tell(proc)
		case life.Kill:
			if st := s.starts[do.Copy]; st != nil {
				st.cancel()
			} else if proc != nil {
				go s.p.force(proc)
			}
		case life.Crash:
			if proc != nil { // a start that failed is counted where it is made
				s.p.fails.add()
				proc.crashed.Store(true)
			}
		case life.Refuse:
			refused = true
		}
	}
	var ready *process
	current, serves := s.machine.Current()
	if serves {
		ready = s.procs[current]
	}
	s.ready.Store(ready)
	s.start = s.starts[current]
	if e == life.Ended {
		delete(s.procs, id)
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	if at, ok := s.machine.Next(); ok {
		s.timer = time.AfterFunc(time.Until(at), func() { s.handle(life.Tick, 0) })
	}
	close(s.changed)
	s.changed = make(chan struct{})
	return refused
}

// begin starts a process as copy id of the machine.
func (s *slot) begin(id int) {
	ctx, cancel := context.WithCancel(context.Background())
	st := &starting{done: make(chan struct{}), cancel: cancel}
	s.starts[id] = st
	s.p.procs.Add(1) // the start; the process, if one comes of it, adds its own
	go func() {
		defer s.p.procs.Done()
		defer cancel()
		proc, err := s.p.launch(ctx)
		s.mu.Lock()
		if err == nil && ctx.Err() != nil { // it was not wanted any more when it was ready
			s.mu.Unlock()
			proc.kill()
			<-proc.exited
			err = ancm.Stopping()
			s.mu.Lock()
		}
		delete(s.starts, id)
		if st.err = err; err != nil {
			s.handleLocked(life.Ended, id)
		} else {
			s.procs[id] = proc
			s.p.procs.Add(1)
			go s.tend(id, proc)
			s.handleLocked(life.Started, id)
		}
		s.mu.Unlock()
		close(st.done)
	}()
}

// tend waits for the end of a process, and reports how it ended.
func (s *slot) tend(id int, proc *process) {
	defer s.p.procs.Done()
	<-proc.exited
	s.handle(life.Ended, id)
	proc.backend.Retire()
	if proc.crashed.Load() {
		s.p.opt.Debug.Printf(debuglog.Warning, "process %d has ended unasked: %v", proc.pid, proc.ending())
		s.p.crashed(proc)
	} else {
		s.p.opt.Debug.Printf(debuglog.Info, "process %d has ended as asked: %v", proc.pid, proc.ending())
		s.p.stopped(proc)
	}
	if !s.p.opt.Command.Controlled {
		proc.sweep()
	}
}

// untilIdle tells the machine when a process that must end has no request, if that
// comes before the process is told to end.
func (s *slot) untilIdle(id int, proc *process) {
	look := time.NewTicker(idleEvery)
	defer look.Stop()
	for {
		select {
		case <-proc.exited:
			return
		case <-proc.asked:
			return
		case <-look.C:
		}
		if proc.backend.Busy() == 0 {
			s.handle(life.Idle, id)
			return
		}
	}
}

// join returns the process that serves, or else the start, or the change, to wait for.
// It fails if no process may start.
func (s *slot) join() (proc *process, st *starting, changed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if proc := s.ready.Load(); proc != nil {
		return proc, nil, nil, nil
	}
	if s.handleLocked(life.Demand, 0) {
		return nil, nil, nil, ancm.Stopping()
	}
	return nil, s.start, s.changed, nil
}

// replace ends the process that serves, or is being started, and returns when it is
// gone.
func (s *slot) replace(ctx context.Context) {
	s.mu.Lock()
	for s.start != nil {
		st := s.start
		s.mu.Unlock()
		<-st.done // bounded by startupTimeLimit, and cut by Shutdown
		s.mu.Lock()
	}
	proc := s.ready.Load()
	s.handleLocked(life.Replace, 0)
	s.mu.Unlock()
	if proc == nil {
		return
	}
	select {
	case <-proc.exited:
	case <-ctx.Done():
		s.p.force(proc)
		<-proc.exited
	}
}
