package vegeta

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"ancmbench"
	"ancmbench/loadgen"
)

// Engine is a loadgen.Engine. The zero value is ready to use, and a value may
// be used for any number of loads, one after the other.
type Engine struct {
	// Results, if not nil, gets every request in the format of `vegeta attack`. The
	// timestamp is when the request was due and the latency is the response time, so
	// that `vegeta report` does not hide stalls.
	Results io.Writer
	// TLS is the configuration for targets with the scheme https; if nil, the
	// system's roots are trusted.
	TLS *tls.Config
}

// Name returns "vegeta".
func (*Engine) Name() string { return "vegeta" }

// Supports returns an error that joins the faults of the load, or nil. This engine can
// carry out every valid load.
func (*Engine) Supports(load ancmbench.Load) error {
	_, err := loadgen.NewPlan(load)
	return err
}

// run is one load being carried out.
type run struct {
	plan    *loadgen.Plan
	load    ancmbench.Load
	targets []*target
	start   func() (time.Time, error) // nil if this is the only generator
	edge    func(loadgen.Edge)
	began   time.Time // of the trial; set by the pacer
	waiter  *loadgen.Waiter
	results *resultWriter // nil if none are wanted

	attacker *vegeta.Attacker
	stopped  chan struct{} // closed by stop
	stopOnce sync.Once
	cause    error // set before stopped is closed

	// slice is the context of all requests of the current slice.
	slice atomic.Pointer[sliceContext]
	freed chan struct{} // a connection became free; holds one

	mu      sync.Mutex
	pending map[uint64]call // dispatched, by vegeta's number, until a worker takes it
}

type sliceContext struct {
	context.Context
	cancel context.CancelCauseFunc
}

// call is one request that the attacker got.
type call struct {
	target   *target
	request  int
	due      time.Duration // from the start of the trial; negative in a closed loop
	noticed  time.Duration // when the pacer noticed that it was due
	wait     time.Duration // for a free connection, since then
	settling bool          // open loop
	settled  time.Duration // closed loop: sent before it is settling
}

// Run carries out the load, as loadgen.Engine says. If the share of errors exceeds its
// limit, the error wraps loadgen.ErrErrors; if ctx is cancelled, it is ctx's error.
func (e *Engine) Run(ctx context.Context, load ancmbench.Load, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	return e.RunJoint(ctx, load, nil, edge)
}

// RunJoint carries out the load, as loadgen.Joint says. begin is nil if this is the only
// generator.
func (e *Engine) RunJoint(ctx context.Context, load ancmbench.Load, begin func() (time.Time, error), edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	plan, err := loadgen.NewPlan(load)
	if err != nil {
		return nil, err
	}
	waiter, err := loadgen.NewWaiter(load.Spin)
	if err != nil {
		return nil, err
	}
	r := &run{plan: plan, load: plan.Load(), start: begin, edge: edge, waiter: waiter, stopped: make(chan struct{}),
		freed: make(chan struct{}, 1), pending: map[uint64]call{}}
	if e.Results != nil {
		r.results = newResultWriter(e.Results)
	}
	for i := range r.load.Targets {
		t, err := newTarget(ctx, r, i, e.TLS)
		if err != nil {
			return nil, err
		}
		defer t.close()
		r.targets = append(r.targets, t)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.connect(ctx)
	meter := loadgen.NewMeter()
	r.attack(ctx)
	generator := meter.Read()
	generator.Spun = waiter.Spun()
	r.lastLook()
	results := r.collect(generator)
	if r.results != nil {
		err = r.results.close()
	}
	return results, errors.Join(r.stopCause(), err)
}

// attack runs the attacker from its start to the end of its last worker.
func (r *run) attack(ctx context.Context) {
	workers := uint64(len(r.targets) * r.load.Connections)
	r.attacker = vegeta.NewAttacker(
		vegeta.Client(&http.Client{
			Transport:     (*transport)(r),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
		vegeta.Workers(workers), vegeta.MaxWorkers(workers), vegeta.MaxBody(0))
	stop := context.AfterFunc(ctx, func() { r.stop(context.Cause(ctx)) })
	defer stop()
	p := newPacer(r)
	hits := r.attacker.Attack(placeholder, p, 0, "")
	over := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() { r.sample(over) })
	for range hits { // our own records have more; read fast, so that no goroutine waits
	}
	close(over)
	sampler.Wait()
	p.finish()
}

// lastLook keeps the connections open for a while after the load, to detect bytes that
// belong to no request: they show that earlier answers were malformed.
func (r *run) lastLook() {
	look := time.Duration(0)
	for _, t := range r.targets {
		t.mu.Lock()
		look = max(look, t.recorder.LastLook())
		t.mu.Unlock()
	}
	timer := time.NewTimer(look)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.stopped:
	}
}

// placeholder sets the request that the attacker sees. The transport replaces it by the
// real request, because only there the request's number is known.
func placeholder(t *vegeta.Target) error {
	t.Method, t.URL = http.MethodGet, "http://placeholder.invalid/"
	return nil
}

// stop ends the load: requests in flight become unfinished, and waiting ones are shed.
func (r *run) stop(cause error) {
	r.stopOnce.Do(func() {
		r.cause = cause
		close(r.stopped)
		r.attacker.Stop()
		if s := r.slice.Load(); s != nil {
			s.cancel(errStopped)
		}
	})
}

// stopCause returns why the load was stopped, or nil if it was not.
func (r *run) stopCause() error {
	select {
	case <-r.stopped:
		return r.cause
	default:
		return nil
	}
}

var (
	errStopped = errors.New("the load was stopped")
	errDrain   = errors.New("the drain reached its timeout")
)

// now returns the time since the start of the trial.
func (r *run) now() time.Duration { return time.Since(r.began) }

func (r *run) collect(g loadgen.Generator) []ancmbench.Result {
	var out []ancmbench.Result
	for _, t := range r.targets {
		t.mu.Lock() // a connection may still receive bytes and change the recorder
		t.recorder.Opened(t.conns.opened.Load())
		t.recorder.ServerClosed(t.conns.closed.Load())
		res := t.recorder.Result()
		res.Engine = "vegeta"
		t.recorder.Check(&res, g)
		t.mu.Unlock()
		switch cause := r.stopCause(); {
		case errors.Is(cause, loadgen.ErrErrors):
			res.Void = ancmbench.VoidErrors
		case cause != nil:
			res.Void = ancmbench.VoidStopped
		}
		out = append(out, res)
	}
	return out
}
