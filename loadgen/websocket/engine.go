package websocket

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// Engine is a loadgen.Engine. The zero value is ready to use, and a value may be
// used for any number of loads, one after the other.
type Engine struct{}

// Name returns "websocket".
func (*Engine) Name() string { return "websocket" }

// Supports returns an error that joins the faults of the load and the targets that this
// engine cannot reach, or nil if there are none.
func (*Engine) Supports(load ancmbench.Load) error {
	_, err := loadgen.NewPlan(load)
	faults := []error{err}
	if load.Requests > 0 {
		faults = append(faults, errors.New("websocket engine: cannot limit the number of requests"))
	}
	for _, t := range load.Targets {
		if t.Workload.Vars != nil {
			faults = append(faults, fmt.Errorf("websocket engine: target %s: its messages have no variables", t.Name))
		}
		if t.Scheme == "https" || t.Protocol == "h2" || t.Protocol == "h2c" {
			faults = append(faults, fmt.Errorf("websocket engine: target %s: only http/1.1 without TLS", t.Name))
		}
	}
	return errors.Join(faults...)
}

// run is one load being carried out.
type run struct {
	plan    *loadgen.Plan
	load    ancmbench.Load
	targets []*target
	waiter  *loadgen.Waiter
	began   time.Time
	edge    func(loadgen.Edge)

	ctx    context.Context
	cancel context.CancelCauseFunc
	// held is when the last wait for a free socket ended. Messages that fell due before
	// it waited as well. Only the sender uses it.
	held   time.Duration
	flying sync.WaitGroup // round trips that were started and have not ended
}

// target has the sockets of one target.
type target struct {
	at   int
	spec ancmbench.Target
	free chan *socket // in the order in which they became free
	all  []*socket

	inFlight atomic.Int64
	mu       sync.Mutex
	recorder *loadgen.Recorder // under mu
	loaded   bool              // under mu: one of its slices has begun and not ended
}

// Run carries out the load, as loadgen.Engine says. If the share of errors exceeds its
// limit, the error wraps loadgen.ErrErrors; if ctx is cancelled, it is ctx's cause.
func (e *Engine) Run(ctx context.Context, load ancmbench.Load, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	return e.RunJoint(ctx, load, nil, edge)
}

// RunJoint carries out the load, as loadgen.Joint says. begin is nil if this is the only
// generator.
func (e *Engine) RunJoint(ctx context.Context, load ancmbench.Load, begin func() (time.Time, error), edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	if err := e.Supports(load); err != nil {
		return nil, err
	}
	plan, err := loadgen.NewPlan(load)
	if err != nil {
		return nil, err
	}
	waiter, err := loadgen.NewWaiter(load.Spin)
	if err != nil {
		return nil, err
	}
	r := &run{plan: plan, load: plan.Load(), waiter: waiter, edge: edge}
	if r.edge == nil {
		r.edge = func(loadgen.Edge) {}
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	defer r.cancel(nil)
	for i, t := range r.load.Targets {
		one := &target{at: i, spec: t, recorder: loadgen.NewRecorder(plan, i), free: make(chan *socket, r.load.Connections)}
		defer one.close()
		r.targets = append(r.targets, one)
		var unopened error // the others are not tried: each would take a timeout
		for range r.load.Connections {
			s := newSocket(one)
			if unopened == nil {
				unopened = s.open(r.ctx, r.plan.Timeout())
			}
			if r.ctx.Err() != nil {
				return nil, context.Cause(r.ctx)
			} // else its first message opens it and records a failure
			one.all, one.free = append(one.all, s), one.freed(s)
		}
	}
	meter := loadgen.NewMeter()
	over := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() { r.sample(over) })
	if r.began = time.Now(); begin != nil {
		if r.began, err = begin(); err != nil {
			r.cancel(err)
		}
	}
	r.carryOut()
	close(over)
	sampler.Wait()
	generator := meter.Read()
	generator.Spun = waiter.Spun()
	return r.collect(generator), context.Cause(r.ctx)
}

// freed puts a socket at the end of the queue, and returns the queue.
func (t *target) freed(s *socket) chan *socket {
	t.free <- s // never blocks: there is room for all
	return t.free
}

// begin begins a slice, late if the one before it was drained after its epoch.
func (t *target) begin(s loadgen.Segment, epoch, late time.Duration) {
	t.recorder.SliceBegin(s, epoch)
	t.recorder.SliceLate(late)
	t.loaded = true
}

func (t *target) close() {
	for _, s := range t.all {
		s.close()
	}
}

// now returns the time since the start of the trial.
func (r *run) now() time.Duration { return time.Since(r.began) }

// carryOut carries out the timetable, slice by slice.
func (r *run) carryOut() {
	r.edge(loadgen.Edge{Slice: -1, Target: -1, At: time.Now()})
	drained, told, epoch := r.now(), time.Duration(0), time.Duration(0)
	var dues []loadgen.Due
	for i := range r.plan.Segments() {
		s := r.plan.Segment(i)
		if s.First {
			epoch = r.plan.Epoch(s, drained, told)
			late := r.now() - epoch
			r.waiter.Until(r.began.Add(epoch), r.ctx.Done())
			r.each(s, func(t *target) { t.begin(s, epoch, late) })
		}
		if r.plan.Open() {
			dues = r.plan.Dues(i, dues)
			r.send(epoch, dues)
		} else {
			r.keepBusy(s, epoch)
		}
		stopped := r.ctx.Err() != nil
		if !s.Drain && !stopped {
			epoch += s.Length
			continue
		}
		if !stopped {
			r.waiter.Until(r.began.Add(epoch+s.Length), r.ctx.Done())
		}
		r.flying.Wait() // each round trip has a timeout
		at := time.Now()
		r.each(s, func(t *target) { t.recorder.SliceEnd(at.Sub(r.began)); t.loaded = false })
		r.plan.Rest(at, r.ctx.Done())
		r.edge(loadgen.Edge{Slice: s.Slice, Target: s.Target, At: time.Now()})
		if stopped || r.ctx.Err() != nil {
			return
		}
		drained, told = at.Sub(r.began), r.now()
	}
}

// each calls f with every target that the segment loads, under its lock.
func (r *run) each(s loadgen.Segment, f func(*target)) {
	for _, t := range r.targets {
		if s.Target < 0 || s.Target == t.at {
			t.mu.Lock()
			f(t)
			t.mu.Unlock()
		}
	}
}

// send gives the due messages of an open loop's segment to sockets. A due message waits
// for a free socket, and the wait is part of its response time.
func (r *run) send(epoch time.Duration, dues []loadgen.Due) {
	for i, d := range dues {
		t := r.targets[d.Target]
		at := epoch + d.Offset
		if r.waiter.Until(r.began.Add(epoch+d.Offset), r.ctx.Done()) {
			waited := len(t.free) == 0
			select {
			case s := <-t.free:
				if waited {
					r.held = r.now()
				}
				wait := max(0, r.held-at)
				r.start(t)
				go func() {
					r.roundTrip(s, at, wait, d.Settling)
					r.finish(t)
					t.freed(s)
				}()
				continue
			case <-r.ctx.Done():
			}
		}
		r.shed(epoch, dues[i:])
		return
	}
}

// shed counts the messages that were due when the load was stopped and were not sent.
func (r *run) shed(epoch time.Duration, dues []loadgen.Due) {
	now := r.now()
	for _, d := range dues {
		if epoch+d.Offset <= now {
			t := r.targets[d.Target]
			t.mu.Lock()
			t.recorder.Shed(1)
			t.mu.Unlock()
		}
	}
}

// keepBusy lets every socket of the segment's targets send until the segment ends.
func (r *run) keepBusy(s loadgen.Segment, epoch time.Duration) {
	end := epoch + s.Length
	var loops sync.WaitGroup
	for _, t := range r.targets {
		if s.Target >= 0 && s.Target != t.at {
			continue
		}
		for _, one := range t.all {
			loops.Go(func() {
				for now := r.now(); now < end && r.ctx.Err() == nil; now = r.now() {
					r.start(t)
					r.roundTrip(one, -1, 0, now < epoch+s.Settle)
					r.finish(t)
					r.think(end)
				}
			})
		}
	}
	loops.Wait()
}

// think waits between two messages of a closed loop, at most until the slice's end.
func (r *run) think(end time.Duration) {
	rest := min(r.load.Arrivals.Think.D(), end-r.now())
	if rest <= 0 {
		return
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.ctx.Done():
	}
}

func (r *run) start(t *target) {
	r.flying.Add(1)
	t.inFlight.Add(1)
}

func (r *run) finish(t *target) {
	t.inFlight.Add(-1)
	r.flying.Done()
}

// sampleEvery is the time between two counts of the messages in flight.
const sampleEvery = 5 * time.Millisecond

// sample counts the messages in flight, for Little's law.
func (r *run) sample(over <-chan struct{}) {
	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-over:
			return
		case <-ticker.C:
		}
		for _, t := range r.targets {
			t.mu.Lock()
			if t.loaded {
				t.recorder.InFlight(int(t.inFlight.Load()))
			}
			t.mu.Unlock()
		}
	}
}

func (r *run) collect(g loadgen.Generator) []ancmbench.Result {
	var out []ancmbench.Result
	for _, t := range r.targets {
		t.mu.Lock()
		res := t.recorder.Result()
		t.recorder.Check(&res, g)
		t.mu.Unlock()
		res.Engine = "websocket"
		switch cause := context.Cause(r.ctx); {
		case errors.Is(cause, loadgen.ErrErrors):
			res.Void = ancmbench.VoidErrors
		case cause != nil:
			res.Void = ancmbench.VoidStopped
		}
		out = append(out, res)
	}
	return out
}
