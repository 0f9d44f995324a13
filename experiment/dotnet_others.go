package experiment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// otherShare is the part of the limit of a warm-up for which each further kind of request is
// sent at most.
const otherShare = 8

// warmOthers sends to targets in .NET what the later phases of the fresh start send besides
// the warm-up's own requests, until nothing is compiled for it any more: code that no request
// has reached was compiled at best once, and the phase would measure the compiler. Other
// targets take part, so that all had the same.
func (r *runner) warmOthers(ctx context.Context, engine loadgen.Engine, live []*target, warmUp ancmbench.Trial, w *warming, limit ancmbench.Seconds) error {
	if w == nil {
		return nil
	}
	rng := rand.New(rand.NewPCG(warmUp.Phase.Dealing.Seed, 2))
	for _, other := range otherRequests(r.run.Plan, warmUp) {
		if err := r.warmOther(ctx, engine, reached(live, other), other.Phase, limit/otherShare, rng); err != nil {
			return err
		}
	}
	return nil
}

// otherRequests returns one trial of the same fresh start for each further combination of
// workload, engine and front, with a warm-up's way of loading.
func otherRequests(plan []ancmbench.Trial, warmUp ancmbench.Trial) []ancmbench.Trial {
	type sent struct{ workload, engine, front string }
	of := func(ph ancmbench.Phase) sent { return sent{ph.Workload, ph.Engine, ph.Front} }
	seen := []sent{of(warmUp.Phase)}
	var out []ancmbench.Trial
	for _, t := range plan {
		ph := t.Phase
		if t.Launch != warmUp.Launch || ph.Kind == ancmbench.ColdStart || ph.Kind == ancmbench.CrossCheck || slices.Contains(seen, of(ph)) {
			continue
		}
		seen = append(seen, of(ph))
		t.Phase = warmUp.Phase
		t.Phase.Workload, t.Phase.Engine, t.Phase.Front = ph.Workload, ph.Engine, ph.Front
		out = append(out, t)
	}
	return out
}

// warmOther loads the targets in windows of a phase until none of them compiles next to
// anything in one, but not longer than limit each.
func (r *runner) warmOther(ctx context.Context, engine loadgen.Engine, live []*target, ph ancmbench.Phase, limit ancmbench.Seconds, rng *rand.Rand) error {
	engine, done, err := r.engineFor(ph, engine)
	if err != nil {
		return err
	}
	defer done()
	window, _ := r.warmUpBounds(ph, true)
	window = min(window, limit)
	before, err := compiledBy(ctx, live)
	if err != nil {
		return err
	}
	for spent := window; spent <= limit; spent += window {
		if _, err := r.warmOnce(ctx, engine, live, ph, window, rng); err != nil {
			return err
		}
		after, err := compiledBy(ctx, live)
		if err != nil {
			return err
		}
		busy := false
		for i := range after {
			busy = busy || after[i].Methods-before[i].Methods > strayMethods
		}
		if before = after; !busy && spent > window { // in the first window code has not been called often
			return nil
		}
	}
	return nil
}

// compiledBy returns what the runtimes of the targets have compiled so far, each a zero value
// for a target that is not .NET.
func compiledBy(ctx context.Context, live []*target) ([]targets.Compiled, error) {
	out := make([]targets.Compiled, len(live))
	for i, a := range live {
		var err error
		if out[i], err = a.running.Compiled(ctx, true); err != nil {
			return nil, fmt.Errorf("%s: %w", a.spec.Name, err)
		}
	}
	return out, nil
}
