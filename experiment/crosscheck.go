package experiment

import (
	"cmp"
	"context"
	"io"
	"slices"

	"ancmbench"
	"ancmbench/loadgen"
)

// withCrossCheck returns the profile with a cross-check phase for each of two engines.
func withCrossCheck(p ancmbench.Profile, first, second string) ancmbench.Profile {
	p.Phases = slices.Clone(p.Phases)
	for _, engine := range []string{first, second} {
		p.Phases = append(p.Phases, ancmbench.Phase{Name: "cross-check " + engine, Kind: ancmbench.CrossCheck,
			Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: min(crossCheckRate, cmp.Or(p.Rate, crossCheckRate))},
			Dealing:  ancmbench.Dealing{Kind: ancmbench.Single}, Duration: ancmbench.Seconds(crossCheckTime), Engine: engine})
	}
	return p
}

// swapCrossChecks lets every second fresh start begin with the second engine: AB, BA.
func swapCrossChecks(phases []ancmbench.Phase, launch int) {
	n := len(phases)
	if launch%2 == 1 && n >= 2 && phases[n-1].Kind == ancmbench.CrossCheck {
		phases[n-1], phases[n-2] = phases[n-2], phases[n-1]
	}
}

// crossCheck loads the baseline with the engine that the phase names.
func (r *runner) crossCheck(ctx context.Context, engine loadgen.Engine, targets []*target, t ancmbench.Trial) ([]ancmbench.Result, error) {
	if t.Phase.Engine != engine.Name() {
		engine = r.cfg.Second()
		if c, ok := engine.(io.Closer); ok {
			defer c.Close()
		}
	}
	return r.loaded(ctx, engine, targets[:1], t)
}
