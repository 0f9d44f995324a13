package experiment

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"ancmbench"
)

// Plan returns the trials of a run in the order in which they are carried out. Each phase
// has the targets that can carry it out. Plan is a pure function: the same profile,
// targets, FindPeak and seed give the same trials, orders and seeds.
func Plan(cfg Config) []ancmbench.Trial {
	p := cfg.Profile
	var plan []ancmbench.Trial
	for launch := range p.Launches {
		order, rng := startOrder(cfg, launch)
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
			var targets []string
			for _, target := range carriers(order, ph, cfg.FindPeak) {
				targets = append(targets, target.Name)
			}
			if targets != nil {
				plan = append(plan, ancmbench.Trial{Index: len(plan), Launch: launch, Phase: ph, Targets: targets})
			}
		}
	}
	return plan
}

// startOrder returns the random order in which a fresh start starts its targets, and the
// generator for its other random choices. Each fresh start has its own generator, so that
// a longer plan does not change the earlier ones.
func startOrder(cfg Config, launch int) ([]TargetSpec, *rand.Rand) {
	rng := rand.New(rand.NewPCG(cfg.Seed, uint64(launch)))
	order := make([]TargetSpec, len(cfg.Targets))
	for i, j := range rng.Perm(len(cfg.Targets)) {
		order[i] = cfg.Targets[j]
	}
	return order, rng
}

// expand replaces each sweep by one phase of constant rate per step.
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

// carriers returns the targets that carry out a phase, in the given order.
func carriers(targets []TargetSpec, ph ancmbench.Phase, findPeak bool) []TargetSpec {
	return slices.DeleteFunc(slices.Clone(targets), func(a TargetSpec) bool { return !carries(a, ph, findPeak) })
}

// suited returns the profile as the targets can carry it out. It leaves out the phases
// that none of them can carry out, and the twin of a server that we did not start. On
// such a server it allows a closed loop only to find the peak.
func suited(p ancmbench.Profile, targets []TargetSpec, findPeak bool) ancmbench.Profile {
	var phases []ancmbench.Phase
	for _, ph := range p.Phases {
		who := carriers(targets, ph, findPeak)
		if len(who) == 0 {
			continue
		}
		if ph.Kind != ancmbench.Peak && !ph.Arrivals.Open() && slices.ContainsFunc(who, TargetSpec.Foreign) {
			ph.Arrivals = ancmbench.Arrivals{Kind: ancmbench.Poisson} // for all targets, because they are compared
		}
		phases = append(phases, ph)
	}
	p.Phases = phases
	p.Twin = p.Twin && !targets[0].Foreign() // the twin is the baseline's
	return p
}

// subject returns the subject of a run of the targets.
func (c Config) subject() ancmbench.Subject {
	own := func(a TargetSpec) bool { return a.Model == "" }
	switch {
	case slices.ContainsFunc(c.Targets, func(a TargetSpec) bool { return !own(a) }) && slices.ContainsFunc(c.Targets, own):
		return ancmbench.SubjectBoth
	case own(c.Targets[0]):
		return ancmbench.SubjectServers
	case c.Program != "" && c.ASPNETCore != "":
		return ancmbench.DotnetSubject(c.ASPNETCore, runtime.GOOS, slices.ContainsFunc(c.Targets, func(a TargetSpec) bool { return a.Model == ancmbench.InProcess }))
	case c.Program != "":
		return ancmbench.SubjectProgram
	}
	return ancmbench.SubjectReference
}

// touchesOthers reports whether one of the targets is a server that we did not start.
func (c Config) touchesOthers() bool { return slices.ContainsFunc(c.Targets, TargetSpec.Foreign) }

// seconds returns the planned time of a trial, without drains and process starts.
func seconds(t ancmbench.Trial) float64 {
	return t.Phase.Duration.Float() * float64(len(t.Targets))
}
