package experiment

import (
	"fmt"
	"math/rand/v2"

	"ancmbench"
)

// Plan lists the trials of a run in the order in which they will be carried
// out. It is a pure function: the same profile, arms and seed give the same
// trials, the same orders and the same seeds within them.
func Plan(p ancmbench.Profile, arms []ArmSpec, seed uint64) []ancmbench.Trial {
	var plan []ancmbench.Trial
	for launch := range p.Launches {
		// One generator per launch, so that adding a phase moves nothing else.
		rng := rand.New(rand.NewPCG(seed, uint64(launch)))
		order := make([]string, len(arms))
		for i, j := range rng.Perm(len(arms)) {
			order[i] = arms[j].Name
		}
		phases := expand(p.Phases)
		swapCrossChecks(phases, launch)
		for _, ph := range phases {
			if ph.Arrivals.Rate == 0 {
				ph.Arrivals.Rate = p.Rate
			}
			if ph.Connections == 0 {
				ph.Connections = p.Connections
			}
			if ph.Workload == "" && len(p.Workloads) > 0 {
				ph.Workload = p.Workloads[0].Name
			}
			ph.Arrivals.Seed = rng.Uint64()
			ph.Dealing.Seed = rng.Uint64()
			targets := order
			if ph.Front != "" {
				if targets = withFronts(order, arms); len(targets) == 0 {
					continue
				}
			}
			plan = append(plan, ancmbench.Trial{Index: len(plan), Launch: launch, Phase: ph, Targets: targets})
		}
	}
	return plan
}

// expand turns a sweep into one phase per step, each a constant rate.
func expand(phases []ancmbench.Phase) []ancmbench.Phase {
	var out []ancmbench.Phase
	for _, ph := range phases {
		if ph.Kind != ancmbench.Sweep || len(ph.Arrivals.Steps) == 0 {
			out = append(out, ph)
			continue
		}
		for _, step := range ph.Arrivals.Steps {
			one := ph
			one.Arrivals = ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: step.Rate}
			one.Duration = step.Duration
			one.Name = fmt.Sprintf("%s at %g/s", ph.Name, step.Rate)
			out = append(out, one)
		}
	}
	return out
}

// forServersOfOthers takes out of a profile what may not be done to a server
// that we did not start: cold starts, crash recovery, and, unless allowed,
// anything that is not at the stated rate.
func forServersOfOthers(p ancmbench.Profile, findPeak bool) ancmbench.Profile {
	var phases []ancmbench.Phase
	for _, ph := range withoutModels(p.Phases) {
		switch {
		case ph.Kind == ancmbench.ColdStart || ph.Kind == ancmbench.Recovery:
			continue
		case ph.Kind == ancmbench.Peak && !findPeak:
			continue
		case ph.Kind != ancmbench.Peak && !ph.Arrivals.Open():
			ph.Arrivals = ancmbench.Arrivals{Kind: ancmbench.Poisson}
		}
		phases = append(phases, ph)
	}
	p.Phases = phases
	p.Twin = false
	return p
}

// forCommands takes out of a profile what only a hosting model has: a start on
// the first request, and a restart on demand.
func forCommands(p ancmbench.Profile) ancmbench.Profile {
	var phases []ancmbench.Phase
	for _, ph := range withoutModels(p.Phases) {
		if ph.Kind != ancmbench.ColdStart && ph.Kind != ancmbench.Recovery {
			phases = append(phases, ph)
		}
	}
	p.Phases = phases
	return p
}

// seconds is how long a trial is planned to take, drains and fresh processes
// left out.
func seconds(t ancmbench.Trial) float64 {
	return t.Phase.Duration.Float() * float64(len(t.Targets))
}
