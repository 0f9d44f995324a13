package experiment

import (
	"fmt"
	"io"
	"slices"

	"ancmbench"
	"ancmbench/loadgen"
)

// frontEngine is the engine for every phase that names a front. It is the one with TLS
// and HTTP/2; using it for all fronts makes sure that the fronts differ and not the
// engines.
const frontEngine = "vegeta"

// engineNamed returns the engine that a phase needs instead of the profile's; empty if
// none.
func engineNamed(ph ancmbench.Phase) string {
	if ph.Front != "" {
		return frontEngine
	}
	return ph.Engine
}

// engineFor returns the engine of a phase, and a function that closes it. It fails if the
// phase names an engine that is not in Config.Engines.
func (r *runner) engineFor(ph ancmbench.Phase, engine loadgen.Engine) (loadgen.Engine, func(), error) {
	keep := func() {}
	name := engineNamed(ph)
	if ph.Kind == ancmbench.CrossCheck || name == "" || name == engine.Name() {
		return engine, keep, nil // a cross-check chooses by itself
	}
	newEngine := r.cfg.Engines[name]
	if newEngine == nil {
		return nil, keep, fmt.Errorf("phase %s: there is no engine %q here", ph.Name, name)
	}
	other := newEngine()
	if c, ok := other.(io.Closer); ok {
		return other, func() { _ = c.Close() }, nil
	}
	return other, keep, nil
}

// frontsOf returns the fronts that a profile's phases name, in the words of
// models.Options: "h2" is served by the front "tls".
func frontsOf(p ancmbench.Profile) []string {
	var out []string
	for _, ph := range p.Phases {
		front := ph.Front
		if front == "h2" {
			front = "tls"
		}
		if front != "" && !slices.Contains(out, front) {
			out = append(out, front)
		}
	}
	return out
}

// reached returns the targets that a trial is planned for, in the run's order.
func reached(targets []*target, t ancmbench.Trial) []*target {
	return slices.DeleteFunc(slices.Clone(targets), func(a *target) bool { return !slices.Contains(t.Targets, a.spec.Name) })
}
