package experiment

import (
	"context"
	"errors"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// load returns the engine's load for a phase, with what the warm-up found.
func (r *runner) load(live []*target, ph ancmbench.Phase) (ancmbench.Load, error) {
	l := ancmbench.Load{Arrivals: ph.Arrivals, Dealing: ph.Dealing, Duration: ph.Duration,
		Connections: ph.Connections, Timeout: r.cfg.Profile.Timeout,
		MaxErrorShare: r.cfg.Profile.MaxErrorShare, Spread: ph.Factor == ancmbench.FactorConnections}
	if l.Connections == 0 {
		l.Connections = r.cfg.Profile.Connections
	}
	for _, a := range live {
		t, err := a.asked(ph.Front)
		if err != nil {
			return l, err
		}
		if t.Workload.Requests == nil {
			t.Workload = r.cfg.workloadOf(a.spec, ph.Workload)
		}
		t.Workload = withHeader(t.Workload, a.spec.Header)
		l.Targets = append(l.Targets, t)
	}
	switch {
	case len(live) > 1 && l.Dealing.Kind == "":
		l.Dealing.Kind = ancmbench.Slices
	case len(live) == 1:
		l.Dealing = ancmbench.Dealing{Kind: ancmbench.Single, Seed: ph.Dealing.Seed}
	}
	if r.fitted != nil {
		r.fitted.apply(&l)
	}
	if slices.ContainsFunc(live, func(a *target) bool { return a.spec.Foreign() }) && l.Arrivals.Open() {
		l.Arrivals.Seed = loadgen.SeedWithin(l)
	}
	return l, nil
}

// withHeader returns the workload with further fields in each of its requests.
func withHeader(w ancmbench.Workload, header []ancmbench.Field) ancmbench.Workload {
	if header == nil {
		return w
	}
	w.Requests = slices.Clone(w.Requests)
	for i := range w.Requests {
		w.Requests[i].Header = slices.Concat(w.Requests[i].Header, header)
	}
	return w
}

// loaded puts a load on all targets and reads what it costs them.
func (r *runner) loaded(ctx context.Context, engine loadgen.Engine, live []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	engine, done, err := r.engineFor(t.Phase, engine)
	if err != nil {
		return nil, err
	}
	defer done()
	load, err := r.load(live, t.Phase)
	if err != nil {
		return nil, err
	}
	results, err := r.drive(ctx, engine, live, load, targets.Watch{})
	for i := range results {
		results[i].Void = r.void(&results[i])
		if t.Phase.Kind == ancmbench.Sweep && results[i].Void == ancmbench.VoidRate {
			results[i].Void = "" // a sweep looks for the rate that is no longer reached
		}
	}
	return results, err
}

// drive runs one load with counters at its edges, and with what watch says.
func (r *runner) drive(ctx context.Context, engine loadgen.Engine, live []*target, load ancmbench.Load, watch targets.Watch) ([]ancmbench.Result, error) {
	for _, a := range live {
		if err := a.running.Open(ctx); err != nil {
			return nil, err
		}
	}
	count, err := newCounters(ctx, live, watch)
	if err != nil {
		return nil, err
	}
	began := time.Since(r.began)
	results, err := engine.Run(ctx, load, count.edge)
	for i := range results {
		results[i].Began = ancmbench.Seconds(began)
	}
	if len(results) == len(live) {
		count.asked(results)
	}
	costs, ended := count.costs(ctx)
	if len(results) == len(live) {
		count.fill(results, costs)
		for i := range results {
			fillPauses(results[i].Series, costs[i].Pauses, count.zero())
		}
	}
	if failed := failing(live, results, err); failed != nil {
		return results, failed
	}
	if ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	} else if err != nil && len(results) == len(live) {
		// The load stopped because of errors. The result says so and is invalid.
		err = nil
	}
	return results, errors.Join(err, ended)
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
