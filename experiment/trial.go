package experiment

import (
	"context"
	"errors"
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
		l.Arrivals.Seed = loadgen.SeedWithin(l)
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
		phase.fill(ctx, results)
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

func (p *phaseUse) fill(ctx context.Context, results []ancmbench.Result) {
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
			fillRuntime(ctx, a, results[i].Usage)
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

func fillRuntime(ctx context.Context, a *target, use []ancmbench.RoleUsage) {
	said, err := a.site.Runtime(ctx)
	for k := range use {
		u := &use[k]
		if rt, ok := said[string(u.Role)]; ok {
			u.Runtime = &rt
		} else if err != nil && u.Role != ancmbench.GeneratorRole {
			unsupported(u, "go_runtime", err.Error())
		}
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
