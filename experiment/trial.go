package experiment

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// load returns the engine's load for a phase, with what the warm-up found.
func (r *runner) load(targets []*target, ph ancmbench.Phase) (ancmbench.Load, error) {
	l := ancmbench.Load{Arrivals: ph.Arrivals, Dealing: ph.Dealing, Duration: ph.Duration,
		Connections: ph.Connections, Timeout: r.cfg.Profile.Timeout,
		MaxErrorShare: r.cfg.Profile.MaxErrorShare, Spread: ph.Factor == ancmbench.FactorConnections}
	if l.Connections == 0 {
		l.Connections = r.cfg.Profile.Connections
	}
	for _, a := range targets {
		t, err := a.frontTarget(ph.Front)
		if err != nil {
			return l, err
		}
		if t.Workload.Requests == nil {
			t.Workload = r.workload(ph.Workload)
		}
		l.Targets = append(l.Targets, t)
	}
	switch {
	case len(targets) > 1 && l.Dealing.Kind == "":
		l.Dealing.Kind = ancmbench.Slices
	case len(targets) == 1:
		l.Dealing = ancmbench.Dealing{Kind: ancmbench.Single, Seed: ph.Dealing.Seed}
	}
	if r.fitted != nil {
		r.fitted.apply(&l)
	}
	if slices.ContainsFunc(targets, func(a *target) bool { return a.spec.foreign() }) && l.Arrivals.Open() {
		l.Arrivals.Seed = seedWithin(l)
	}
	return l, nil
}

func (r *runner) workload(name string) ancmbench.Workload {
	for _, w := range r.cfg.Profile.Workloads {
		if w.Name == name {
			return w
		}
	}
	return r.cfg.Profile.Workloads[0]
}

// overRate is how far the number of requests may exceed rate x time on a server
// that we did not start.
const overRate = 1.01

// seedWithin returns a seed, derived from the load's, with which no more requests fall due
// than overRate allows; by chance about one Poisson stream in three has more. If it finds
// none it returns the last one tried.
func seedWithin(l ancmbench.Load) uint64 {
	rng := rand.New(rand.NewPCG(l.Arrivals.Seed, 1))
	seed := l.Arrivals.Seed
	for range 64 {
		l.Arrivals.Seed = seed
		plan, err := loadgen.NewPlan(l)
		if err != nil {
			break
		}
		n := 0
		var dues []loadgen.Due
		for i := range plan.Segments() {
			dues = plan.Dues(i, dues[:0])
			n += len(dues)
		}
		if float64(n) <= l.Arrivals.Rate*l.Duration.Float()*float64(len(l.Targets))*overRate {
			return seed
		}
		seed = rng.Uint64()
	}
	return seed
}

// loaded puts a load on all targets and reads what it costs them.
func (r *runner) loaded(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	engine, done, err := r.engineFor(t.Phase, engine)
	if err != nil {
		return nil, err
	}
	defer done()
	load, err := r.load(targets, t.Phase)
	if err != nil {
		return nil, err
	}
	results, err := r.drive(ctx, engine, targets, load)
	for i := range results {
		results[i].Void = r.void(&results[i])
		if t.Phase.Kind == ancmbench.Sweep && results[i].Void == ancmbench.VoidRate {
			results[i].Void = "" // a sweep looks for the rate that is no longer reached
		}
	}
	return results, err
}

// drive runs one load with counters at its edges.
func (r *runner) drive(ctx context.Context, engine loadgen.Engine, targets []*target, load ancmbench.Load) ([]ancmbench.Result, error) {
	for _, a := range targets {
		if err := a.measure(ctx, &r.ledger); err != nil {
			return nil, err
		}
	}
	count := newCounters(targets, 1024)
	phase := beginPhase(targets)
	began := time.Since(r.began)
	results, err := engine.Run(ctx, load, count.edge)
	for i := range results {
		results[i].Began = ancmbench.Seconds(began)
	}
	if len(results) == len(targets) {
		count.fill(results)
		phase.fill(ctx, results, count.zero())
	}
	if ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	} else if err != nil && len(results) == len(targets) {
		// The load stopped because of errors. The result says so and is invalid.
		err = nil
	}
	return results, err
}

// voidRate is the share of the asked rate below which a result is invalid, because it is
// then another experiment. A smaller shortfall is a warning.
const voidRate = 0.5

// void returns the reason why a result is invalid, or "".
func (r *runner) void(res *ancmbench.Result) string {
	switch o := res.Outcomes; {
	case o.WrongModel > 0:
		return ancmbench.VoidWrongModel
	case o.Due == 0:
		return ancmbench.VoidNothingDue
	case o.ErrorShare() > r.cfg.Profile.MaxErrorShare:
		return ancmbench.VoidErrors
	}
	for _, c := range res.Checks {
		if c.Name == loadgen.RateCheck && c.Unsupported == "" && c.Value < voidRate*res.Arrivals.Rate {
			return ancmbench.VoidRate
		}
	}
	return res.Void
}

// phaseUse holds what is read before and after a phase rather than at edges: user and
// system time, which the kernel samples by its tick, context switches, and what the Go
// roles report of themselves.
type phaseUse struct {
	targets  []*target
	cpu      [][]usage.UserSystem // per target and role; nil if not read
	switches [][]switchCount
	calls    [][]int64 // per target and role; nil if not counted
}

type switchCount struct {
	ancmbench.Switches
	err error
}

func beginPhase(targets []*target) *phaseUse {
	p := &phaseUse{targets: targets}
	p.cpu, p.switches = readPhase(targets)
	for _, a := range targets {
		p.calls = append(p.calls, a.readCalls())
	}
	return p
}

func readPhase(targets []*target) ([][]usage.UserSystem, [][]switchCount) {
	cpu, switches := make([][]usage.UserSystem, len(targets)), make([][]switchCount, len(targets))
	for i, a := range targets {
		if a.meter == nil {
			continue
		}
		us := make([]usage.UserSystem, len(a.procs))
		if err := a.meter.ReadUserSystem(us); err == nil {
			cpu[i] = us
		}
		for _, role := range a.procs {
			var n switchCount
			n.Switches, n.err = usage.ReadSwitches(role.PIDs)
			switches[i] = append(switches[i], n)
		}
	}
	return cpu, switches
}

// fill writes the differences into the results. zero is the instant from which the engine
// counted time, for what happened at a time.
func (p *phaseUse) fill(ctx context.Context, results []ancmbench.Result, zero time.Time) {
	for i, a := range p.targets { // first, so that the reading below is not counted
		after := a.readCalls()
		for k := range min(len(after), len(p.calls[i])) {
			n := after[k] - p.calls[i][k]
			results[i].Usage[k].SystemCalls = &n
		}
	}
	cpu, switches := readPhase(p.targets)
	for i, a := range p.targets {
		for k := range p.cpu[i] {
			if u := &results[i].Usage[k]; cpu[i] != nil && u.CPU != nil {
				u.CPU.User = ancmbench.Seconds(cpu[i][k].User - p.cpu[i][k].User)
				u.CPU.System = ancmbench.Seconds(cpu[i][k].System - p.cpu[i][k].System)
			}
		}
		for k := range p.switches[i] {
			fillSwitches(&results[i].Usage[k], p.switches[i][k], switches[i][k])
		}
		if a.site != nil {
			fillRuntime(ctx, a, &results[i], zero)
		}
	}
}

func fillSwitches(u *ancmbench.RoleUsage, before, after switchCount) {
	if err := errors.Join(before.err, after.err); err != nil {
		unsupported(u, "context_switches", err.Error())
		return
	}
	u.Switches = &ancmbench.Switches{Voluntary: after.Voluntary - before.Voluntary,
		Involuntary: after.Involuntary - before.Involuntary}
}

func fillRuntime(ctx context.Context, a *target, res *ancmbench.Result, zero time.Time) {
	said, err := a.site.Runtime(ctx)
	for k := range res.Usage {
		u := &res.Usage[k]
		if rt, ok := said[string(u.Role)]; ok {
			u.Runtime = &rt.GoRuntime
		} else if err != nil && u.Role != ancmbench.GeneratorRole {
			unsupported(u, "go_runtime", err.Error())
		}
	}
	if err == nil {
		fillPauses(res.Series, said, zero)
	}
}

func reason(err error) string {
	if err == nil {
		return "not read"
	}
	return err.Error()
}

func unsupported(u *ancmbench.RoleUsage, field, why string) {
	if u.Unsupported == nil {
		u.Unsupported = map[string]string{}
	}
	u.Unsupported[field] = why
}
