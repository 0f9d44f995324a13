package profiles

import (
	"github.com/goccy/go-yaml/ast"

	"ancmbench"
)

func (r *reader) phases(to *[]ancmbench.Phase) value {
	keys := func() fields { return r.phaseKeys(new(writtenPhase)) }
	return value{looks: shape{list: &shape{keys: keys}}, take: func(n ast.Node, key string) {
		r.list(n, key, "phases", func(n ast.Node, key string) {
			*to = append(*to, r.phase(n, key))
		})
	}}
}

// writtenPhase is a phase with those values as text whose meaning depends on other keys.
type writtenPhase struct {
	ancmbench.Phase
	kind, factor, level string
}

// phaseKeys returns the keys of a phase.
func (r *reader) phaseKeys(w *writtenPhase) fields {
	ph := &w.Phase
	return fields{
		{"kind", r.text(&w.kind).as(oneOf(kinds)), "what the phase measures"},
		{"name", r.text(&ph.Name), "what reports call it; default: its kind"},
		{"duration", r.duration(&ph.Duration), "how long each target is loaded; a cold start has none, and that of steps is their sum"},
		{"arrivals", r.arrivals(&ph.Arrivals), "when requests fall due; default by the kind"},
		{"dealing", r.dealing(&ph.Dealing), "how the load is shared among the targets; default by the kind"},
		{"connections", r.connections(&ph.Connections), "connections to each target; default the profile's"},
		{"workload", r.text(&ph.Workload), "the name of a workload; default the first"},
		{"kill", r.text(&ph.Kill).as(oneOf(killable)), "the process that a recovery phase kills; default worker"},
		{"factor", r.text(&w.factor).as(oneOf(ancmbench.Factors)), "what is varied, if the phase is a point of a curve"},
		{"level", r.text(&w.level), "the amount of the factor: cpu 1ms, upload 64KB, connections 256"},
		{"front", r.text(&ph.Front).as(oneOf(fronts)), "the listener of a bundled model, in a latency phase; default the main one"},
		{"engine", r.text(&ph.Engine).as(oneOf([]string{websocket})), "the load generator of this phase; default the profile's"},
	}
}

func (r *reader) phase(n ast.Node, key string) ancmbench.Phase {
	w := new(writtenPhase)
	r.mapping(n, key, r.phaseKeys(w))
	ph := w.Phase
	ph.Kind, ph.Factor = ancmbench.PhaseKind(w.kind), ancmbench.Factor(w.factor)
	line, written := r.lines[key+".level"]
	if written && w.level != "" {
		var err error
		if ph.Level, err = parseLevel(ph.Factor, w.level); err != nil {
			r.fault(line, key+".level", "%v", err)
		}
	} else if !written && ph.Factor.LevelUnit() != "" {
		r.fault(lineOf(n), key+".level", "the factor %s needs a level", ph.Factor)
	}
	if ph.Name == "" {
		ph.Name = w.kind
	}
	if _, written := r.lines[key+".kill"]; !written && ph.Kind == ancmbench.Recovery {
		ph.Kill = killable[0]
	}
	if ph.Arrivals.Kind == "" {
		ph.Arrivals.Kind = usual[ph.Kind].arrivals
	}
	if ph.Dealing.Kind == "" {
		ph.Dealing.Kind = usual[ph.Kind].dealing
	}
	if _, written := r.lines[key+".dealing.settle"]; !written && ph.Dealing.Kind == ancmbench.Slices {
		ph.Dealing.Settle = defaultSettle
	}
	if _, written := r.lines[key+".duration"]; !written && ph.Arrivals.Kind == ancmbench.Steps {
		for _, s := range ph.Arrivals.Steps {
			ph.Duration += s.Duration
		}
	}
	return ph
}

// connections reads a phase's connections. A 0 is a fault: an absent key means the
// profile's.
func (r *reader) connections(to *int) value {
	return value{looks: wholeShape, take: func(n ast.Node, key string) {
		before := len(r.faults)
		r.whole(to).take(n, key)
		if *to == 0 && len(r.faults) == before {
			r.fault(lineOf(n), key, "%s", connectionsProblem(0))
		}
	}}
}

func (r *reader) arrivals(a *ancmbench.Arrivals) value {
	var kind string
	return r.kindOr(&kind, func() { a.Kind = ancmbench.ArrivalKind(kind) }, oneOf(allLaws), "the law of the arrivals", func() fields {
		return fields{
			{"rate", r.rate(&a.Rate), "requests per second; of a ramp, at its start; default the profile's"},
			{"ramp-to", r.rate(&a.RampTo), "the rate at the end of a ramp"},
			{"random", r.truth(&a.Random), "random gaps in a ramp or in steps; default false"},
			{"think", r.duration(&a.Think), "pause of a connection of a closed loop after an answer; default none"},
			{"steps", r.steps(&a.Steps), "the rates of steps, one after the other"},
			{"instants", r.instants(&a.Instants), "when the requests of a replay fall due, from the start"},
		}
	})
}

func (r *reader) steps(to *[]ancmbench.Step) value {
	keys := func(s *ancmbench.Step) fields {
		return fields{
			{"rate", r.rate(&s.Rate), "requests per second"},
			{"duration", r.duration(&s.Duration), "how long the step lasts"},
		}
	}
	looks := shape{list: &shape{keys: func() fields { return keys(new(ancmbench.Step)) }}}
	return value{looks: looks, take: func(n ast.Node, key string) {
		r.list(n, key, "steps", func(n ast.Node, key string) {
			var s ancmbench.Step
			r.mapping(n, key, keys(&s))
			*to = append(*to, s)
		})
	}}
}

func (r *reader) instants(to *[]ancmbench.Seconds) value {
	return value{looks: shape{list: &durationShape}, take: func(n ast.Node, key string) {
		r.list(n, key, "instants", func(n ast.Node, key string) {
			var s ancmbench.Seconds
			r.duration(&s).take(n, key)
			*to = append(*to, s)
		})
	}}
}

func (r *reader) dealing(d *ancmbench.Dealing) value {
	var kind string
	return r.kindOr(&kind, func() { d.Kind = ancmbench.DealingKind(kind) }, oneOf(deals), "how the load is shared", func() fields {
		return fields{
			{"slice", r.given(&d.Slice, r.duration(&d.Slice)), "length of a slice, at least 1ms; default fitted to the warm-up"},
			{"settle", r.share(&d.Settle), "share of a slice at its start that is recorded apart, 0% to 50%; default 10%"},
			{"gap", r.duration(&d.Gap), "pause between the end of a slice and the next one; default none"},
			{"mirrored", r.truth(&d.Mirrored), "true takes the targets in order and then in reverse; default false, a random order"},
		}
	})
}

// kindOr reads a kind alone, such as "poisson", or a mapping with the key kind.
func (r *reader) kindOr(kind *string, set func(), alone shape, says string, others func() fields) value {
	legal := func() fields {
		return append(fields{{"kind", r.text(kind).as(alone), says}}, others()...)
	}
	return value{looks: shape{either: []shape{alone, {keys: legal}}}, take: func(n ast.Node, key string) {
		if _, single := n.(ast.ScalarNode); single {
			if _, null := n.(*ast.NullNode); !null {
				r.text(kind).take(n, key)
				set()
				return
			}
		}
		r.mapping(n, key, legal())
		set()
	}}
}
