package gate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// cell is one hypothesis of a gate: a metric of a target under a workload, with
// what its fresh starts show.
type cell struct {
	MetricVerdict
	stats.Evidence
	at figures.Scenario
	// launches has the number of each element of logs.
	launches []int
	// base and other are what logs are made of, fresh start by fresh start; base is the
	// stored run's where there is one, and nil for a budget.
	base, other []float64
	// sign is 1 where more is worse, and -1 where less is.
	sign float64
	// twins are the fresh starts of a copy of the baseline against it; spread is the
	// SD of their log ratios, from a calibration; 0 for none.
	twins  []figures.Pair
	spread float64
	// note says why values are missing.
	note string
	// decided is Worse or NotWorse once it is, and then final.
	decided stats.Decision
	seen    int // fresh starts looked at
	// shift is what a Resampling injected into logs.
	shift float64
}

// cells makes the hypotheses of a gate.
func (g Gate) cells(v *Verdict, run, stored *ancmbench.Run, o *figures.Observations) ([]*cell, error) {
	targets, err := g.targets(run)
	if err != nil {
		return nil, err
	}
	if len(targets) == 1 {
		v.Target = targets[0]
	}
	var old *figures.Observations
	if stored != nil {
		old = figures.Observe(stored)
	}
	var out []*cell
	for _, m := range g.metrics() {
		metric, _ := ancmbench.MetricByName(g.headline(run, m.Name))
		for _, at := range o.Choose(metric, run.Targets[0].Name, m.Phase, g.Form == AgainstStored) {
			for _, t := range targets {
				c := g.newCell(o, metric, at, t)
				c.Advisory, c.Margin = m.Advisory, m.Margin
				c.fill(g.Form, o, old, metric, run)
				c.LogMargin = c.Attenuation * math.Log1p(m.Margin)
				if stored != nil {
					c.Between = g.between(c.Metric)
					c.BetweenRuns = &c.Between
				}
				if xs, _ := o.Values(metric, at, t); g.Metrics == nil && isCPU(metric) && len(xs) == 0 && len(o.Launches) > 0 {
					v.Notes = append(v.Notes, c.Title+" is not gated: no process of "+words.Plain(t)+" could be read")
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

// headline returns service time instead of response time where the generator's own lag would
// show in the latter, unless response time was requested by name.
func (g Gate) headline(run *ancmbench.Run, name string) string {
	m, _ := ancmbench.MetricByName(name)
	if g.Metrics == nil && m.Clock == ancmbench.Response && figures.LatencyHeadline(run) == ancmbench.Service {
		return ancmbench.LatencyName(ancmbench.Service, m.Quantile)
	}
	return name
}

func isCPU(m ancmbench.Metric) bool { return m.Unit == "seconds per request" }

// attenuated reports whether a duel shows less than the whole change of a metric with this
// unit. It does so for times, because both sides wait for the same cores. It does not for
// CPU, which is charged to the process that used it.
func attenuated(unit string) bool { return unit == "seconds" }

// targets returns those that are gated. A copy of the baseline is one only if there is
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
		return nil, fmt.Errorf("gate: no target %q: there is %s", words.Plain(g.Target), listOr(others))
	case g.Form == BudgetsOnly || g.Form == AgainstStored:
		return others, nil
	case len(others) != 1:
		return nil, fmt.Errorf("gate: %w: there is %s", ErrSeveral, listOr(others))
	}
	return others, nil
}

// ErrSeveral is in the error of a gate that has several targets and no name.
var ErrSeveral = errors.New("one target must be named")

func listOr(names []string) string {
	if len(names) == 0 {
		return "none beside the baseline"
	}
	return words.Plain(words.List(names))
}

// newCell returns a cell without evidence.
func (g Gate) newCell(o *figures.Observations, m ancmbench.Metric, at figures.Scenario, target string) *cell {
	c := &cell{at: at, sign: 1}
	c.Metric, c.Title, c.Unit, c.Better = m.Name, m.Title, m.Unit, m.Better
	c.Workload, c.Phase, c.Target, c.Attenuation = at.Workload, at.Phase, target, 1
	c.Looks = []stats.Look{}
	if m.Better == ancmbench.Higher {
		c.sign = -1
	}
	rs := o.Series(at, target)
	if len(rs) > 0 {
		c.Dealing = rs[0].Dealing.Kind
	}
	c.Rate = figures.MeanRate(rs)
	if c.Dealing == ancmbench.Duel && g.Attenuation > 0 && attenuated(m.Unit) {
		c.Attenuation = g.Attenuation
	}
	c.spread = g.Calibrated[m.Name]
	return c
}

// fill adds the evidence of a comparison.
func (c *cell) fill(form Form, o, old *figures.Observations, m ancmbench.Metric, run *ancmbench.Run) {
	baseline := run.Targets[0].Name
	switch form {
	case HeadAgainstBase:
		st := o.State(m, c.at, baseline, c.Target)
		c.note = st.Note
		for _, p := range st.Pairs {
			if c.add(p.Launch, p.Other, p.Base); len(c.base) < len(c.other) {
				c.base = append(c.base, p.Base)
			}
		}
	case PenaltyAgainstStored:
		then := old.State(m, c.at, baseline, c.Target)
		for _, p := range then.Pairs {
			if x, ok := then.PenaltyOf(p); ok {
				c.base = append(c.base, x)
			}
		}
		c.penalties(o.State(m, c.at, baseline, c.Target), 1)
		c.store()
	case AgainstStored:
		xs, launches := o.Values(m, c.at, c.Target)
		for i, x := range xs {
			c.add(launches[i], x, 1)
		}
		c.base, _ = old.Values(m, c.at, c.Target)
		c.store()
	}
	if form == AgainstStored { // twins share their fresh start's luck; absolutes do not
		c.spread = 0
		return
	}
	for _, t := range run.Targets {
		if t.TwinOf == baseline && t.Name != c.Target && c.twins == nil {
			c.twins = o.State(m, c.at, baseline, t.Name).Pairs
		}
	}
}

// add takes one fresh start's value over a reference. One that is not positive has no
// logarithm, and is said to be missing.
func (c *cell) add(launch int, value, reference float64) {
	if !(value > 0 && reference > 0) {
		c.note = zeroValue
		return
	}
	c.Logs = append(c.Logs, c.sign*math.Log(value/reference))
	c.launches = append(c.launches, launch)
	c.other = append(c.other, value)
}

const zeroValue = "a value of zero has no ratio"

// penalties uses the ratios of a statement as values, turned so that more is worse.
func (c *cell) penalties(st figures.Statement, reference float64) {
	c.note, c.Title, c.Unit, c.Better, c.sign = st.Note, "penalty of "+st.Title, "ratio", ancmbench.Lower, 1
	for _, p := range st.Pairs {
		x, _ := st.PenaltyOf(p)
		c.add(p.Launch, x, reference)
	}
}

// store adds the stored values to the evidence.
func (c *cell) store() {
	c.Stored = []float64{}
	for _, x := range c.base {
		if x > 0 {
			c.Stored = append(c.Stored, c.sign*math.Log(x))
		}
	}
	if len(c.Stored) < 2 {
		c.note = "the stored run has fewer than two fresh starts with a value"
		c.Logs, c.launches, c.other = nil, nil, nil
	}
}
