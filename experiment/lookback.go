package experiment

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// warmth is what a launch's warm-up ended with, to be looked back at when the
// launch has been measured: two windows of a server that is slow for its first
// seconds agree with each other, and only later does it show that they were slow.
type warmth struct {
	began   time.Time
	trial   ancmbench.Trial
	medians []float64 // service time of the last window, s, per target; NaN if none
}

// lookBack loads all targets for one more window, as the warm-up did, and keeps how
// much faster each has become since. What it sees is not counted, and what goes
// wrong in it costs the launch nothing.
func (r *runner) lookBack(ctx context.Context, engine loadgen.Engine, targets []*target) {
	w := r.warmed
	r.warmed = nil
	if w == nil || w.medians == nil || !waitUntil(ctx, r.lookBackAt(w)) {
		return
	}
	rng := rand.New(rand.NewPCG(w.trial.Phase.Dealing.Seed, w.trial.Phase.Arrivals.Seed))
	now, err := r.warmOnce(ctx, engine, targets, w.trial.Phase, rng)
	if err != nil || ctx.Err() != nil {
		return
	}
	if r.faster == nil {
		r.faster = make([][]float64, len(targets))
	}
	for i, median := range serviceMedians(now) {
		if gain := math.Log(w.medians[i] / median); !math.IsNaN(gain) {
			r.faster[i] = append(r.faster[i], gain)
		}
	}
}

// lookBackAt is when to look: at once after short launches, which promise little.
func (r *runner) lookBackAt(w *warmth) time.Time {
	var trials []ancmbench.Trial
	for _, t := range r.run.Plan {
		if t.Launch == w.trial.Launch {
			trials = append(trials, t)
		}
	}
	if planned(trials) < shortLaunch {
		return w.began
	}
	return w.began.Add(lookBackAfter)
}

// waitUntil waits for an instant and tells whether it came.
func waitUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// stillWarming warns of targets that were slower when their warm-up ended than at the
// end of a launch: in the median over launches, because one launch's two windows
// lie seconds apart and differ by the host's waves.
func (r *runner) stillWarming() {
	for i, gains := range r.faster {
		if len(gains) == 0 {
			continue
		}
		if m := middle(gains); m > warmLater {
			r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnStillWarming,
				Target: r.cfg.Targets[i].Name, Value: m, Bound: warmLater})
		}
	}
}

// middle is the median of at least one number.
func middle(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// serviceMedians gives each result's median service time in seconds, NaN where
// there is none.
func serviceMedians(results []ancmbench.Result) []float64 {
	out := make([]float64, len(results))
	for i := range results {
		out[i] = math.NaN()
		if d, ok := windowMedian(&results[i]); ok {
			out[i] = d.Seconds()
		}
	}
	return out
}
