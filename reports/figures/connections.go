package figures

import (
	"strings"

	"ancmbench"
	"ancmbench/reports/stats"
)

// perThousand is memory that open connections take. It is not a metric of one Result,
// because it follows from two memory phases with different numbers of connections.
var perThousand = ancmbench.Metric{Name: "memory_per_1000_connections_bytes", Title: "memory per 1,000 connections",
	Unit: "bytes", Better: ancmbench.Lower, Kind: ancmbench.Memory, Further: true,
	Read: func(*ancmbench.Result) (float64, bool) { return 0, false }}

// manyConnections finds the memory phase with the fewest connections and, under
// the same workload, the one with the most; ok is false where none differ.
func (o *Observations) manyConnections() (few, many Scenario, ok bool) {
	most := map[Scenario]int{}
	for key, r := range o.cells {
		most[key.Scenario] = max(most[key.Scenario], r.Connections)
	}
	connections := func(s Scenario) int { return most[s] }
	first := o.first(ancmbench.Memory)
	if first == nil {
		return few, many, false
	}
	few, many = *first, *first
	for _, s := range o.Scenarios {
		if s.Kind != ancmbench.Memory || s.Workload != first.Workload {
			continue
		}
		if connections(s) < connections(few) {
			few = s
		}
		if connections(s) > connections(many) {
			many = s
		}
	}
	return few, many, connections(many) > connections(few)
}

// perThousandOf returns what connections add to a metric of loaded memory: of all roles or
// of one, PSS or USS.
func perThousandOf(loaded ancmbench.Metric) ancmbench.Metric {
	m := perThousand
	m.Name = strings.Replace(loaded.Name, "memory_loaded", "memory_per_1000_connections", 1)
	m.Title = strings.Replace(loaded.Title, "memory loaded", "memory per 1,000 connections", 1)
	m.Role = loaded.Role
	return m
}

// loadedMemory returns the metrics that connections can add to, the sum of all roles first.
func loadedMemory() []ancmbench.Metric {
	var out []ancmbench.Metric
	for _, m := range ancmbench.Metrics {
		if m.Kind == ancmbench.Memory && strings.HasPrefix(m.Name, "memory_loaded") {
			out = append(out, m)
		}
	}
	return out
}

// memoryPerThousand is (memory with many - memory with few) / their difference in
// connections x 1000, of one target in one fresh start.
func (o *Observations) memoryPerThousand(m ancmbench.Metric, launch int, few, many Scenario, target string) (float64, bool) {
	a, b := o.Cell(launch, few, target), o.Cell(launch, many, target)
	if a == nil || b == nil || b.Connections <= a.Connections {
		return 0, false
	}
	x, okX := m.Read(a)
	y, okY := m.Read(b)
	return (y - x) / float64(b.Connections-a.Connections) * 1000, okX && okY
}

// addConnections states the memory of 1,000 connections, where the phases allow it.
func (a *Analysis) addConnections(o *Observations) {
	few, many, ok := o.manyConnections()
	if !ok {
		return
	}
	for _, m := range loadedMemory() {
		a.addPerThousand(o, m, few, many)
	}
}

func (a *Analysis) addPerThousand(o *Observations, loaded ancmbench.Metric, few, many Scenario) {
	per := perThousandOf(loaded)
	for _, t := range a.EveryTarget() {
		series := Series{Metric: per.Name, Unit: per.Unit, Phase: many.Phase, Workload: many.Workload, Target: t}
		var xs []float64
		for _, l := range o.Launches {
			if v, ok := o.memoryPerThousand(loaded, l, few, many, t); ok {
				xs = append(xs, v)
				series.Values = append(series.Values, LaunchValue{l, v})
			}
		}
		if len(xs) > 0 {
			series.Center = *Center(xs)
			a.Series = append(a.Series, series)
		}
	}
	for _, t := range a.Targets {
		st := Statement{Metric: per.Name, Title: per.Title, Unit: per.Unit, Better: per.Better,
			Phase: many.Phase, Workload: many.Workload, Baseline: a.Baseline, Target: t, Pairs: []Pair{}}
		if st.Basis = o.memoryBasis(loaded, many, a.Baseline, t); st.Basis == mixedBasis || st.Basis != o.memoryBasis(loaded, few, a.Baseline, t) {
			continue
		}
		for _, l := range o.Launches {
			base, okB := o.memoryPerThousand(loaded, l, few, many, a.Baseline)
			other, okO := o.memoryPerThousand(loaded, l, few, many, t)
			if okB && okO {
				r := o.Cell(l, many, t)
				st.Connections = r.Connections
				st.Pairs = append(st.Pairs, Pair{Launch: l, Base: base, Other: other, Rate: OpenRate(r)})
			}
		}
		if st.Launches = len(st.Pairs); st.Launches > 0 {
			st.conclude()
			a.Statements = append(a.Statements, st)
			continue
		}
		// A role that only one of the two has: what it takes is shown, and not compared.
		if base, other := a.centerOf(per.Name, a.Baseline), a.centerOf(per.Name, t); base != nil || other != nil {
			st.Base, st.Other, st.Note = base, other, Missing(per, len(o.Launches), 0)
			a.Statements = append(a.Statements, st)
		}
	}
}

// centerOf returns a target's own value of a metric, nil if it has none.
func (a *Analysis) centerOf(metric, target string) *stats.Estimate {
	if s, ok := a.SeriesOf(metric, target); ok {
		return &s.Center
	}
	return nil
}
