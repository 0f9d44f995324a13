package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ancmbench"
)

// cell is one hypothesis of a gate: a metric of a target under a workload, with
// what its launches show.
type cell struct {
	MetricVerdict
	evidence
	at scenario
	// launches has the number of each element of logs.
	launches []int
	// base and other are what logs are made of, launch by launch; base is the
	// stored run's where there is one, and nil for a budget.
	base, other []float64
	// sign is 1 where more is worse, and -1 where less is.
	sign float64
	// twins are the launches of a copy of the baseline against it; spread is the
	// SD of their log ratios, from a calibration; 0 for none.
	twins  []Pair
	spread float64
	// note says why values are missing.
	note string
	// decided is Worse or NotWorse once it is, and then final.
	decided Decision
	seen    int // launches looked at
	// shift is what a Resampling injected into logs.
	shift float64
}

// cells makes the hypotheses of a gate.
func (g Gate) cells(v *Verdict, run, stored *ancmbench.Run, o *observations) ([]*cell, error) {
	targets, err := g.targets(run)
	if err != nil {
		return nil, err
	}
	if len(targets) == 1 {
		v.Target = targets[0]
	}
	var old *observations
	if stored != nil {
		old = observe(stored)
	}
	var out []*cell
	for _, m := range g.metrics() {
		metric, _ := ancmbench.MetricByName(g.headline(run, m.Name))
		for _, at := range o.choose(metric, run.Targets[0].Name, m.Phase, g.Form == AgainstStored) {
			for _, t := range targets {
				c := g.newCell(o, metric, at, t)
				c.Advisory, c.Margin = m.Advisory, m.Margin
				c.fill(g.Form, o, old, metric, run)
				c.margin = c.Attenuation * math.Log1p(m.Margin)
				if stored != nil {
					c.between = g.between(c.Metric)
					c.BetweenRuns = &c.between
				}
				if xs, _ := o.values(metric, at, t); g.Metrics == nil && isCPU(metric) && len(xs) == 0 && len(o.launches) > 0 {
					v.Notes = append(v.Notes, c.Title+" is not gated: no process of "+plain(t)+" could be read")
					continue
				}
				out = append(out, c)
			}
		}
	}
	return g.addBudgets(out, run, o)
}

func (g Gate) metrics() []GatedMetric {
	if g.Form == BudgetsOnly {
		return nil
	}
	if g.Metrics == nil {
		return DefaultMetrics()
	}
	return g.Metrics
}

// headline gives service time for response time where the generator said that its
// own lag would show in the latter, unless it was asked for by name.
func (g Gate) headline(run *ancmbench.Run, name string) string {
	if g.Metrics == nil && latencyHeadline(run) == "service" {
		return strings.Replace(name, "response_", "service_", 1)
	}
	return name
}

func isCPU(m ancmbench.Metric) bool { return m.Unit == "seconds per request" }

// attenuated tells of a unit whether a duel shows less of a metric's change than there
// is: of how long a request takes, where both sides wait for the same cores, and not
// of CPU, which is charged to the process that used it.
func attenuated(unit string) bool { return unit == "seconds" }

// targets are those that are gated. A copy of the baseline is one only if there is
// no other, or it is named: such a gate is A/A, and must not fail.
func (g Gate) targets(run *ancmbench.Run) ([]string, error) {
	var others, twins []string
	for i, t := range run.Targets {
		switch {
		case t.TwinOf == run.Targets[0].Name:
			twins = append(twins, t.Name)
		case t.TwinOf == "" && (i > 0 || g.Form == AgainstStored):
			others = append(others, t.Name)
		}
	}
	if len(others) == 0 || slices.Contains(twins, g.Target) {
		others = twins
	}
	switch {
	case g.Target != "" && slices.Contains(others, g.Target):
		return []string{g.Target}, nil
	case g.Target != "":
		return nil, fmt.Errorf("gate: no target %q: there is %s", plain(g.Target), listOr(others))
	case g.Form == BudgetsOnly || g.Form == AgainstStored:
		return others, nil
	case len(others) != 1:
		return nil, fmt.Errorf("gate: one target must be named: there is %s", listOr(others))
	}
	return others, nil
}

func listOr(names []string) string {
	if len(names) == 0 {
		return "none beside the baseline"
	}
	return plain(list(names))
}

// choose gives for each workload the phase that the metric is read from: the one
// named; else for what is compared a duel, and for absolute values slices, where
// one target works at a time; else the first of the kind.
func (o *observations) choose(m ancmbench.Metric, baseline, phase string, absolute bool) []scenario {
	prefer := []ancmbench.DealingKind{ancmbench.Duel, ancmbench.Slices, ancmbench.Single}
	if absolute {
		prefer = []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Single, ancmbench.Duel}
	}
	rank := func(s scenario) int {
		if r := o.series(s, baseline); len(r) > 0 && slices.Contains(prefer, r[0].Dealing.Kind) {
			return slices.Index(prefer, r[0].Dealing.Kind)
		}
		return len(prefer)
	}
	var out []scenario
	for _, s := range o.scenarios {
		if s.kind != m.Kind || phase != "" && s.phase != phase {
			continue
		}
		i := slices.IndexFunc(out, func(x scenario) bool { return x.workload == s.workload })
		switch {
		case i < 0:
			out = append(out, s)
		case rank(s) < rank(out[i]):
			out[i] = s
		}
	}
	if out == nil { // nothing that counts yet: the metric is missing, not forgotten
		out = []scenario{{phase: phase, kind: m.Kind}}
	}
	return out
}

// newCell is a cell without its evidence.
func (g Gate) newCell(o *observations, m ancmbench.Metric, at scenario, target string) *cell {
	c := &cell{at: at, sign: 1}
	c.Metric, c.Title, c.Unit, c.Better = m.Name, m.Title, m.Unit, m.Better
	c.Workload, c.Phase, c.Target, c.Attenuation = at.workload, at.phase, target, 1
	c.Looks = []Look{}
	if m.Better == ancmbench.Higher {
		c.sign = -1
	}
	rs := o.series(at, target)
	if len(rs) > 0 {
		c.Dealing = rs[0].Dealing.Kind
	}
	c.Rate = meanRate(rs)
	if c.Dealing == ancmbench.Duel && g.Attenuation > 0 && attenuated(m.Unit) {
		c.Attenuation = g.Attenuation
	}
	c.spread = g.Calibrated[m.Name]
	return c
}

// fill takes the evidence of a comparison.
func (c *cell) fill(form Form, o, old *observations, m ancmbench.Metric, run *ancmbench.Run) {
	baseline := run.Targets[0].Name
	switch form {
	case HeadAgainstBase:
		st := o.state(m, c.at, baseline, c.Target)
		c.note = st.Note
		for _, p := range st.Pairs {
			if c.add(p.Launch, p.Other, p.Base); len(c.base) < len(c.other) {
				c.base = append(c.base, p.Base)
			}
		}
	case PenaltyAgainstStored:
		then := old.state(m, c.at, baseline, c.Target)
		for _, p := range then.Pairs {
			if x, ok := then.penalty(p); ok {
				c.base = append(c.base, x)
			}
		}
		c.penalties(o.state(m, c.at, baseline, c.Target), 1)
		c.store()
	case AgainstStored:
		xs, launches := o.values(m, c.at, c.Target)
		for i, x := range xs {
			c.add(launches[i], x, 1)
		}
		c.base, _ = old.values(m, c.at, c.Target)
		c.store()
	}
	if form == AgainstStored { // twins share their launch's luck; absolutes do not
		c.spread = 0
		return
	}
	for _, t := range run.Targets {
		if t.TwinOf == baseline && t.Name != c.Target && c.twins == nil {
			c.twins = o.state(m, c.at, baseline, t.Name).Pairs
		}
	}
}

// add takes one launch's value over a reference. One that is not positive has no
// logarithm, and is said to be missing.
func (c *cell) add(launch int, value, reference float64) {
	if !(value > 0 && reference > 0) {
		c.note = zeroValue
		return
	}
	c.logs = append(c.logs, c.sign*math.Log(value/reference))
	c.launches = append(c.launches, launch)
	c.other = append(c.other, value)
}

const zeroValue = "a value of zero has no ratio"

// penalties takes the ratios of a statement, turned so that more is worse, as
// the values.
func (c *cell) penalties(st Statement, reference float64) {
	c.note, c.Title, c.Unit, c.Better, c.sign = st.Note, "penalty of "+st.Title, "ratio", ancmbench.Lower, 1
	for _, p := range st.Pairs {
		x, _ := st.penalty(p)
		c.add(p.Launch, x, reference)
	}
}

// penalty is one launch's ratio, more than 1 is worse; ok is false without one.
func (s Statement) penalty(p Pair) (x float64, ok bool) {
	if !(p.Base > 0 && p.Other > 0) {
		return 0, false
	}
	if s.Better == ancmbench.Higher {
		return p.Base / p.Other, true
	}
	return p.Other / p.Base, true
}

// store makes the stored values part of the evidence.
func (c *cell) store() {
	c.stored = []float64{}
	for _, x := range c.base {
		if x > 0 {
			c.stored = append(c.stored, c.sign*math.Log(x))
		}
	}
	if len(c.stored) < 2 {
		c.note = "the stored run has fewer than two fresh starts with a value"
		c.logs, c.launches, c.other = nil, nil, nil
	}
}
