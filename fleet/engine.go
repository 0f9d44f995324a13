package fleet

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

// Engine is a loadgen.Engine that carries out each load on several load agents of a
// coordinator. Rates and connections are totals.
type Engine struct {
	Coordinator *Coordinator
	// Agents is how many load agents share each load.
	Agents int
	// Like is the engine that the agents use, and Threads its setting. Here it only says
	// what is possible.
	Like    loadgen.Engine
	Threads int
	current atomic.Pointer[[]*member] // of the current or last load
}

const (
	// guardGap is the least gap between two slices. It is for the drain, for the reading
	// of counters, and for what the clocks may be apart.
	guardGap = 20 * time.Millisecond
	// clockWarn and clockMost bound how well a clock must be known: a tenth of the guard
	// gap is no matter; a quarter and more would let slices overlap.
	clockWarn = guardGap / 10
	clockMost = guardGap / 4
	// beginLead is how long before a load begins its agents are told, beyond what the
	// longest of their round trips takes.
	beginLead = 40 * time.Millisecond
	// stopMost bounds how long a load that was stopped may take to tell what it saw.
	stopMost = 2 * time.Second
)

// Name returns the name of the engine that the agents use.
func (e *Engine) Name() string { return e.Like.Name() }

// Supports returns an error that says why the agents cannot carry out the load, or nil.
func (e *Engine) Supports(load ancmbench.Load) error {
	var faults []error
	if e.Agents > load.Connections {
		faults = append(faults, fmt.Errorf("%d connections for %d load agents: each needs one", load.Connections, e.Agents))
	}
	return errors.Join(append(faults, e.Like.Supports(load))...)
}

// Counts returns how many requests of the current or last load have ended on all agents,
// and how many of these failed. The agents tell it a few times a second.
func (e *Engine) Counts() (done, failed int64) {
	if members := e.current.Load(); members != nil {
		for _, m := range *members {
			d, f := m.counts()
			done, failed = done+d, failed+f
		}
	}
	return done, failed
}

// States says in one line what each agent does.
func (e *Engine) States() string { return e.Coordinator.States() }

// Run carries out the load, as loadgen.Engine says, except that it tells the edges after
// the load: nothing crosses the network inside a slice. A load with fewer connections than
// agents, such as a probe, is sent by as many agents as it has connections. If an agent is
// lost it fails with a Lost, and has no results.
func (e *Engine) Run(ctx context.Context, load ancmbench.Load, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	if err := e.Like.Supports(load); err != nil {
		return nil, err
	}
	n := max(1, min(e.Agents, load.Connections)) // each agent needs one
	if err := e.Coordinator.Await(ctx, n, 0, e.Coordinator.rejoin()); err != nil {
		return nil, err
	}
	r := &joint{engine: e, load: load, members: e.Coordinator.first("load", n), serving: e.Coordinator.serving()}
	if len(r.members) < n {
		return nil, &Missing{Role: "load", Want: n, Have: len(r.members), Waited: e.Coordinator.rejoin().String()}
	}
	e.current.Store(&r.members)
	if r.alone() {
		return r.runHere(ctx, edge)
	}
	if load.Dealing.Kind != ancmbench.Single {
		r.load.Dealing.Gap = max(r.load.Dealing.Gap, ancmbench.Seconds(guardGap))
	}
	return r.run(ctx, edge)
}

// Close closes the connections of the agents' engines.
func (e *Engine) Close() error {
	members := e.current.Load()
	if members == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopMost)
	defer cancel()
	for _, m := range *members {
		_ = m.call(ctx, opRelease, prepare{Engine: e.Like.Name(), Threads: e.Threads}, nil) // an agent that is lost closes them itself
	}
	return nil
}

// joint is one load that several agents carry out.
type joint struct {
	engine  *Engine
	load    ancmbench.Load
	members []*member
	serving []string
	before  []ancmbench.Clock
	after   []ancmbench.Clock
	began   time.Duration // by the coordinator's clock
}

// each calls do for every agent at the same time, and returns the errors joined.
func (r *joint) each(do func(i int, m *member) error) error {
	errs := make([]error, len(r.members))
	var wg sync.WaitGroup
	for i, m := range r.members {
		wg.Go(func() { errs[i] = do(i, m) })
	}
	wg.Wait()
	return worst(errs)
}

// worst returns the error that explains the others: the loss of an agent, or else the
// first one.
func worst(errs []error) error {
	var first error
	for _, err := range errs {
		var lost *Lost
		if errors.As(err, &lost) {
			return err
		}
		if first == nil || errors.Is(first, errLate) && err != nil {
			first = err
		}
	}
	return first
}

// compare estimates the clocks of all agents. It fails if one is not known well enough.
func (r *joint) compare(ctx context.Context) ([]ancmbench.Clock, error) {
	clocks := make([]ancmbench.Clock, len(r.members))
	return clocks, r.each(func(i int, m *member) (err error) {
		clocks[i], err = m.known(ctx)
		return err
	})
}

// run carries the load out, from the comparison of the clocks to the merged results.
func (r *joint) run(ctx context.Context, edge func(loadgen.Edge)) (_ []ancmbench.Result, err error) {
	plan, err := loadgen.NewPlan(r.part(0))
	if err != nil {
		return nil, err
	}
	if r.before, err = r.compare(ctx); err != nil {
		return nil, err
	}
	if err := r.beginAll(ctx, plan); err != nil {
		return nil, err
	}
	all, stopped, err := r.collect(ctx)
	if err != nil {
		return nil, err
	}
	if r.after, err = r.compare(context.WithoutCancel(ctx)); err != nil && ctx.Err() == nil {
		return nil, err
	}
	results := r.merge(all)
	if edge != nil {
		for _, at := range plan.Edges() {
			edge(loadgen.Edge{Slice: at.Slice, Target: at.Target, At: r.engine.Coordinator.clock.at(r.began + at.At)})
		}
	}
	return results, stopped
}

// part returns agent i's part of the load.
func (r *joint) part(i int) ancmbench.Load {
	load := r.load
	load.Part = &ancmbench.Part{Index: i, Of: len(r.members), Seed: load.Arrivals.Seed}
	return load
}

// prepare lets every agent open its connections.
func (r *joint) prepare(ctx context.Context) error {
	err := r.each(func(i int, m *member) error {
		err := m.call(ctx, opPrepare, prepare{Engine: r.engine.Like.Name(), Threads: r.engine.Threads, Load: r.part(i), Serving: r.serving}, nil)
		return named(m, err)
	})
	if err != nil {
		r.stop()
	}
	return err
}

// named returns an error that names its agent; a Lost does already.
func named(m *member, err error) error {
	var lost *Lost
	if err == nil || errors.As(err, &lost) || m.hello.Local {
		return err
	}
	return fmt.Errorf("%s: %w", m.label(), err)
}

// beginTries is how often a load is begun anew because an agent was told too late: it, or
// the coordinator, was busy. Each time the begin is twice as far away.
const beginTries = 4

// beginAll prepares the load on all agents and lets it begin.
func (r *joint) beginAll(ctx context.Context, plan *loadgen.Plan) (err error) {
	lead := beginLead
	for range beginTries {
		if err = r.prepare(ctx); err != nil {
			return err
		}
		if err = r.begin(ctx, plan, lead); err == nil {
			return nil
		}
		r.stop()
		if !errors.Is(err, errLate) {
			return err
		}
		lead *= 2
	}
	return err
}

// begin tells every agent the instant of the begin, by its own clock, and then the serving
// agents when to read what the load costs.
func (r *joint) begin(ctx context.Context, plan *loadgen.Plan, lead time.Duration) error {
	trip := time.Duration(0)
	for _, c := range r.before {
		trip = max(trip, 2*c.Uncertainty.D())
	}
	clocks, err := r.servingClocks(ctx)
	if err != nil {
		return err
	}
	r.began = r.engine.Coordinator.clock.now() + lead + 10*trip
	err = r.each(func(i int, m *member) error {
		return named(m, m.call(ctx, opBegin, begin{At: instantOf(r.began + r.before[i].Offset.D())}, nil))
	})
	if err != nil {
		return err
	}
	return r.tellEdges(ctx, plan, clocks)
}

// stop ends the load on all agents. It does not wait for them long.
func (r *joint) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), stopMost)
	defer cancel()
	_ = r.each(func(_ int, m *member) error { return m.call(ctx, opStop, nil, nil) })
}

// collect waits for what the agents observed. When one ends early, or ctx is cancelled, it
// ends the others. stopped is why the load ended early. It fails if an agent was lost.
func (r *joint) collect(ctx context.Context) (all []results, stopped error, err error) {
	all = make([]results, len(r.members))
	waiting, release := context.WithCancelCause(context.WithoutCancel(ctx))
	defer release(nil)
	var once sync.Once
	var halted sync.WaitGroup
	halt := func(err error) {
		once.Do(func() {
			stopped = err
			halted.Go(r.stop)
		})
	}
	noticed := make(chan struct{})
	cancelled := context.AfterFunc(ctx, func() {
		defer close(noticed)
		halt(context.Cause(ctx))
		time.AfterFunc(stopMost, func() { release(context.Cause(ctx)) })
	})
	err = r.each(func(i int, m *member) error {
		if err := m.call(waiting, opResults, nil, &all[i]); err != nil {
			halt(err)
			return named(m, err)
		}
		if err := all[i].Fault.err(); err != nil {
			halt(named(m, err))
		}
		if n := len(all[i].Results); n != len(r.load.Targets) && all[i].Fault == nil {
			return named(m, fmt.Errorf("%d results of %d targets", n, len(r.load.Targets)))
		}
		return named(m, r.fit(all[i].Results))
	})
	if !cancelled() {
		<-noticed
	}
	halted.Wait()
	for i := range all { // an engine that did not begin has none
		if err == nil && len(all[i].Results) != len(r.load.Targets) {
			err = stopped
		}
	}
	return all, stopped, err
}

// fit fails if a result is of another target than the one that was asked for in its place.
func (r *joint) fit(all []ancmbench.Result) error {
	for t := range min(len(all), len(r.load.Targets)) {
		if got, want := all[t].Target, r.load.Targets[t].Name; got != want {
			return fmt.Errorf("a result of %q where that of %q was due", got, want)
		}
	}
	return nil
}

// serving returns the addresses of the serving agents.
func (c *Coordinator) serving() (out []string) {
	for _, m := range c.present() {
		if m.hello.Serve && m.hello.Address != "" {
			out = append(out, m.hello.Address)
		}
	}
	return out
}
