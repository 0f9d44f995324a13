package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// loading is one load that an agent carries out.
type loading struct {
	engine loadgen.Engine
	cancel context.CancelCauseFunc
	ready  chan struct{}  // closed when the connections are open
	at     chan time.Time // the instant of the begin; holds one
	done   chan struct{}  // closed when the engine has ended
	once   sync.Once      // closes ready
	cpu    *generatorCPU
	steal  stealWatch

	results []ancmbench.Result // set before done is closed
	err     error

	mu    sync.Mutex
	state string
}

// prepareMost bounds how long a prepared load waits for its begin: the other agents open
// their connections meanwhile.
const prepareMost = time.Minute

// prepare begins a load and returns when its connections are open.
func (s *session) prepare(ctx context.Context, m message) (any, error) {
	var asked prepare
	if err := decode(m.Body, &asked); err != nil {
		return nil, err
	}
	l, loadCtx, err := s.newLoading(ctx, asked)
	if err != nil {
		return nil, err
	}
	go s.carryOut(loadCtx, l, asked.Load)
	select {
	case <-l.ready:
		return nil, nil
	case <-l.done:
		return nil, l.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// newLoading makes the session's next load, if its targets are admitted, and the context in
// which it is carried out.
func (s *session) newLoading(ctx context.Context, asked prepare) (*loading, context.Context, error) {
	for i := range asked.Load.Targets {
		if s.local {
			break // whoever runs the coordinator decides here too
		}
		if err := s.opt.Targets.settle(ctx, &asked.Load.Targets[i], asked.Serving); err != nil {
			return nil, nil, err
		}
	}
	engine, err := s.engine(asked)
	if err != nil {
		return nil, nil, err
	}
	l := &loading{engine: engine, ready: make(chan struct{}), at: make(chan time.Time, 1), done: make(chan struct{}), state: "opening connections"}
	l.cpu, l.steal.read = &generatorCPU{read: s.opt.CPU}, s.opt.Stolen
	loadCtx, cancel := context.WithCancelCause(s.ctx)
	l.cancel = cancel
	if err := s.take(l); err != nil {
		cancel(nil)
		return nil, nil, err
	}
	return l, loadCtx, nil
}

// runHere carries out a whole load and returns what was observed. Generator and servers are
// this agent's: slices wait for the drains, and counters are read in between.
func (s *session) runHere(ctx context.Context, m message) (any, error) {
	var asked prepare
	if err := decode(m.Body, &asked); err != nil {
		return nil, err
	}
	if !s.local {
		return nil, fmt.Errorf("%w: a load without a timetable is for one machine", ErrRefused)
	}
	l, loadCtx, err := s.newLoading(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer close(l.done)
	defer l.cancel(nil)
	watched := s.watched()
	var edges []loadgen.Edge
	l.say("loading")
	l.results, l.err = l.engine.Run(loadCtx, asked.Load, func(e loadgen.Edge) {
		for _, one := range watched {
			one.running.Edge(e.At)
		}
		l.cpu.edge(e)
		edges = append(edges, e)
	})
	if l.err == nil {
		l.err = context.Cause(loadCtx)
	}
	l.cpu.fill(l.results)
	l.say("ready")
	out := results{Results: l.results, Fault: faultOf(l.err)}
	for _, e := range edges {
		out.Edges = append(out.Edges, edge{e.Slice + 1, e.Target + 1, s.shown(e.At).Now})
	}
	return out, nil
}

// release closes the connections of an engine; the next load opens new ones.
func (s *session) release(_ context.Context, m message) (any, error) {
	var asked prepare
	if err := decode(m.Body, &asked); err != nil {
		return nil, err
	}
	kind := engineKind(asked)
	s.mu.Lock()
	engine := s.engines[kind]
	delete(s.engines, kind)
	s.mu.Unlock()
	if c, ok := engine.(io.Closer); ok {
		return nil, c.Close()
	}
	return nil, nil
}

func engineKind(p prepare) string { return fmt.Sprint(p.Engine, " ", p.Threads) }

// engine returns the engine for a load; the one of the last load if it is of the same kind,
// because that has open connections.
func (s *session) engine(asked prepare) (loadgen.Engine, error) {
	if s.opt.Engine == nil {
		return nil, errors.New("this agent has no load engine")
	}
	kind := engineKind(asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.engines[kind]; e != nil {
		return e, nil
	}
	e, err := s.opt.Engine(asked.Engine, asked.Threads)
	if err != nil {
		return nil, err
	}
	s.engines[kind] = e
	return e, nil
}

// take makes l the session's load. It fails while another one is carried out.
func (s *session) take(l *loading) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.load != nil {
		select {
		case <-s.load.done:
		default:
			return errors.New("this agent carries out another load")
		}
	}
	s.load = l
	return nil
}

// together returns how an engine carries out its part of a load.
func (s *session) together(e loadgen.Engine) func(context.Context, ancmbench.Load, func() (time.Time, error), func(loadgen.Edge)) ([]ancmbench.Result, error) {
	if j, ok := e.(loadgen.Joint); ok {
		return j.RunJoint
	}
	return func(context.Context, ancmbench.Load, func() (time.Time, error), func(loadgen.Edge)) ([]ancmbench.Result, error) {
		return nil, fmt.Errorf("the engine %s cannot share a load with others", e.Name())
	}
}

// carryOut carries the load out.
func (s *session) carryOut(ctx context.Context, l *loading, load ancmbench.Load) {
	defer close(l.done)
	defer l.cancel(nil)
	l.results, l.err = s.together(l.engine)(ctx, load, func() (time.Time, error) {
		l.say("waiting to begin")
		l.once.Do(func() { close(l.ready) })
		timer := time.NewTimer(prepareMost)
		defer timer.Stop()
		select {
		case at := <-l.at:
			l.say("loading")
			l.steal.begin()
			s.firstLoad.Do(func() { s.opt.say("sending load") })
			return at, nil
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		case <-timer.C:
			return time.Time{}, errors.New("the load was prepared and never begun")
		}
	}, l.cpu.edge)
	if c, ok := l.steal.end(); ok {
		for i := range l.results {
			l.results[i].Checks = append(l.results[i].Checks, c)
		}
	}
	if l.err == nil {
		l.err = context.Cause(ctx)
	}
	l.cpu.fill(l.results)
	l.say("ready")
}

func (l *loading) say(state string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = state
}

func (l *loading) beat() beat {
	l.mu.Lock()
	b := beat{State: l.state}
	l.mu.Unlock()
	if live, ok := l.engine.(loadgen.Live); ok {
		b.Done, b.Failed = live.Counts()
	}
	return b
}

// current returns the load that is being carried out, or was last.
func (s *session) current() (*loading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.load == nil {
		return nil, errors.New("no load was prepared")
	}
	return s.load, nil
}

// begin tells the prepared load when it begins. It fails if that instant has passed.
func (s *session) begin(_ context.Context, m message) (any, error) {
	var word begin
	if err := decode(m.Body, &word); err != nil {
		return nil, err
	}
	l, err := s.current()
	if err != nil {
		return nil, err
	}
	if late := s.clock.now() - word.At.d(); late > 0 {
		return nil, fmt.Errorf("%w: the word arrived %v after it", errLate, late.Round(time.Microsecond))
	}
	select {
	case l.at <- s.clock.at(word.At.d()):
		return nil, nil
	default:
		return nil, errors.New("the load has begun already")
	}
}

// results waits for the end of the load and returns what was observed.
func (s *session) results(ctx context.Context, _ message) (any, error) {
	l, err := s.current()
	if err != nil {
		return nil, err
	}
	select {
	case <-l.done:
		return results{Results: l.results, Fault: faultOf(l.err)}, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// errStopped is the cause of a load that the coordinator ended early.
var errStopped = errors.New("the load was stopped")

// stop ends the load early and waits until it has ended; results returns what was observed until then.
func (s *session) stop(ctx context.Context, _ message) (any, error) {
	l, err := s.current()
	if err != nil {
		return nil, nil // it was not even prepared
	}
	l.cancel(errStopped)
	select {
	case <-l.done:
		return nil, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// once sends one request and returns how long it took.
func (s *session) once(ctx context.Context, m message) (any, error) {
	var asked once
	if err := decode(m.Body, &asked); err != nil {
		return nil, err
	}
	if !s.local {
		if err := s.opt.Targets.settle(ctx, &asked.Target, asked.Serving); err != nil {
			return nil, err
		}
	}
	took, err := loadgen.Once(ctx, asked.Target)
	return answered{Took: ancmbench.Seconds(took)}, err
}

// generatorCPU attributes the CPU time of this process to the slices of the targets.
type generatorCPU struct {
	read   func() (time.Duration, string, error)
	last   time.Duration
	at     time.Time
	source string
	err    error
	rows   []cpuRow
}

type cpuRow struct {
	slice, target int
	used, took    ancmbench.Seconds
}

// edge is the engine's edge callback.
func (g *generatorCPU) edge(e loadgen.Edge) {
	if g.read == nil || g.err != nil {
		return
	}
	now, source, err := g.read()
	if err != nil {
		g.err = err
		return
	}
	if e.Slice >= 0 {
		g.rows = append(g.rows, cpuRow{e.Slice, e.Target, ancmbench.Seconds(now - g.last), ancmbench.Seconds(e.At.Sub(g.at))})
	}
	g.last, g.at, g.source = now, e.At, source
}

// fill writes the generator's CPU into the results, in total and per slice.
func (g *generatorCPU) fill(all []ancmbench.Result) {
	for i := range all {
		u := ancmbench.RoleUsage{Role: ancmbench.GeneratorRole, Processes: 1}
		if g.read == nil || g.err != nil || g.source == "" {
			u.Unsupported = map[string]string{"cpu": "not read"}
			all[i].Usage = append(all[i].Usage, u)
			continue
		}
		if !slices.ContainsFunc(g.rows, func(row cpuRow) bool { return row.target == i || row.target < 0 }) {
			u.Unsupported = map[string]string{"cpu": "the load was stopped before the end of a slice"}
			all[i].Usage = append(all[i].Usage, u)
			continue
		}
		u.CPU = &ancmbench.CPU{Source: g.source}
		for _, row := range g.rows {
			if row.target < 0 { // in a duel, nobody knows for which target it worked
				continue
			}
			if row.target != i {
				u.CPU.Background += row.used
				u.CPU.Others += row.took
				continue
			}
			u.CPU.Own += row.used
			for k := range all[i].Slices {
				if all[i].Slices[k].Index == row.slice {
					all[i].Slices[k].CPU = []ancmbench.Seconds{row.used}
				}
			}
		}
		all[i].Usage = append(all[i].Usage, u)
	}
}
