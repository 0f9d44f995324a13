package experiment

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// warmUp loads all targets in short windows until two consecutive windows agree for every
// target, but not longer than the phase's duration per target. A target in .NET is loaded
// until its runtime compiles no more, too, with a limit of its own. Nothing of it is counted.
func (r *runner) warmUp(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) error {
	runtimes, err := r.watchRuntimes(ctx, targets, t.Launch)
	if err != nil {
		return err
	}
	window, limit := r.warmUpBounds(t.Phase, runtimes != nil)
	r.warmed = &warmth{began: time.Now(), trial: t, window: window}
	rng := rand.New(rand.NewPCG(t.Phase.Arrivals.Seed, t.Phase.Dealing.Seed))
	var last, now []ancmbench.Result
	agreed, worst := false, math.Inf(1)
	for spent := window; spent <= limit || len(now) == 0; spent += window {
		results, err := r.warmOnce(ctx, engine, targets, t.Phase, window, rng)
		if err != nil {
			return err
		}
		if err := runtimes.window(ctx, results); err != nil {
			return err
		}
		last, now = now, results
		worst = disagreement(last, now)
		if agreed = worst <= warmAgree; agreed && runtimes.quiet() {
			break
		}
	}
	if err := r.warmOthers(ctx, engine, targets, t, runtimes, limit); err != nil {
		return err
	}
	if err := r.keepWarmups(ctx, runtimes, t.Phase.Name); err != nil {
		return err
	}
	if !agreed { // 99 stands for infinity (no two medians), which JSON does not have
		r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnNotWarm,
			Phase: t.Phase.Name, Value: min(worst, 99), Bound: warmAgree})
	}
	r.warmed.medians = serviceMedians(now)
	if r.fitted == nil {
		r.fitted = r.fitFrom(now)
	}
	return r.lookAgain(ctx, targets)
}

// warmWindow returns how long each target is loaded in one window of a warm-up.
func warmWindow(ph ancmbench.Phase) ancmbench.Seconds {
	return max(ph.Duration/4, ancmbench.Seconds(100*time.Millisecond))
}

// warmOnce loads all targets for one window.
func (r *runner) warmOnce(ctx context.Context, engine loadgen.Engine, live []*target, ph ancmbench.Phase, window ancmbench.Seconds, rng *rand.Rand) ([]ancmbench.Result, error) {
	ph.Duration, ph.Arrivals.Seed, ph.Dealing.Seed = window, rng.Uint64(), rng.Uint64()
	load, err := r.load(live, ph)
	if err != nil {
		return nil, err
	}
	load.Dealing.Slice = min(ancmbench.Seconds(50*time.Millisecond), ph.Duration/2)
	return r.drive(ctx, engine, live, load, targets.Watch{Course: true})
}

// lookAgain finds the processes of a user's servers again: the warm-up has opened the
// connections that show what is behind a proxy.
func (r *runner) lookAgain(ctx context.Context, live []*target) error {
	for _, a := range live {
		if err := a.running.Warmed(ctx); err != nil {
			return err
		}
	}
	r.note(live)
	return nil
}

// disagreement returns the largest log ratio of two windows' median service times over
// the targets; infinity if a median is missing.
func disagreement(a, b []ancmbench.Result) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	worst := 0.0
	for i := range a {
		x, okX := windowMedian(&a[i])
		y, okY := windowMedian(&b[i])
		if !okX || !okY {
			return math.Inf(1)
		}
		worst = max(worst, math.Abs(math.Log(float64(x)/float64(y))))
	}
	return worst
}

// windowMedian returns the median service time of a window. If a server takes longer than
// a slice, all its requests are in settle time, and it returns their median. ok is false
// if there is none.
func windowMedian(res *ancmbench.Result) (time.Duration, bool) {
	if d, ok := res.Service.Quantile(0.5); ok && d > 0 {
		return d, true
	}
	if res.SettleService == nil {
		return 0, false
	}
	d, ok := res.SettleService.Quantile(0.5)
	return d, ok && d > 0
}
