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

// warmth holds the end of a warm-up, for a comparison at the end of the fresh start. If a
// server is slow for its first seconds, two windows agree with each other, and only a
// later window shows that both were slow.
type warmth struct {
	began   time.Time
	trial   ancmbench.Trial
	window  ancmbench.Seconds
	medians []float64 // service time of the last window, s, per target; NaN if none
}

// lookBack loads all targets for one more window, as the warm-up did, and records how
// much faster each has become since. The window is not counted, and an error in it is
// ignored. It also takes down what the runtimes have compiled since.
func (r *runner) lookBack(ctx context.Context, engine loadgen.Engine, targets []*target) {
	w := r.warmed
	r.warmed = nil
	r.compiledLater(ctx)
	if w == nil || w.medians == nil || !waitUntil(ctx, r.lookBackAt(w)) {
		return
	}
	rng := rand.New(rand.NewPCG(w.trial.Phase.Dealing.Seed, w.trial.Phase.Arrivals.Seed))
	now, err := r.warmOnce(ctx, engine, targets, w.trial.Phase, w.window, rng)
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

// lookBackAt returns when to look back: lookBackAfter the warm-up began, or at once in a
// short fresh start, which is not worth the wait.
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

// waitUntil waits for an instant. It reports false if ctx was cancelled before.
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

// stillWarming adds a warning for each target that was slower at the end of its warm-up
// than at the end of the fresh start. It uses the median over fresh starts, because two
// windows that are seconds apart also differ by the host's slow noise.
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

// middle returns the median of at least one number.
func middle(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// serviceMedians returns each result's median service time in seconds; NaN if there is
// none.
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
