package gate

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/stats"
)

// planned is a run of two targets that has a latency phase, as it is before the start.
func planned(launches int, kinds ...ancmbench.PhaseKind) *ancmbench.Run {
	r := &ancmbench.Run{Profile: ancmbench.Profile{Name: "p", Launches: launches},
		Targets: []ancmbench.TargetInfo{{Name: "a"}, {Name: "b"}}}
	for _, k := range append(kinds, ancmbench.Latency) {
		r.Plan = append(r.Plan, ancmbench.Trial{Phase: ancmbench.Phase{Kind: k}, Targets: []string{"a", "b"}})
	}
	return r
}

// What cannot be decided is known before it is measured, with its reason.
func TestUndecidable(t *testing.T) {
	three := planned(12)
	three.Targets = append(three.Targets, ancmbench.TargetInfo{Name: "c"})
	budget := func(text string) Gate {
		b, err := ParseBudget(text)
		if err != nil {
			t.Fatal(err)
		}
		return Gate{Form: BudgetsOnly, Budgets: []Budget{b}}
	}
	known := map[string]stats.BetweenRuns{}
	for _, m := range DefaultMetrics() {
		known[m.Name] = stats.BetweenRuns{SD: 0.02, From: "--between-runs"}
	}
	wide := Gate{Form: PenaltyAgainstStored}
	for _, m := range DefaultMetrics() {
		m.Margin = 3
		wide.Metrics = append(wide.Metrics, m)
	}
	for name, c := range map[string]struct {
		g           Gate
		run, stored *ancmbench.Run
		says        string
	}{
		"head against base":         {Gate{}, planned(12), nil, ""},
		"as many as the first look": {Gate{}, planned(6), nil, ""},
		"below the first look":      {Gate{}, planned(5), nil, "5 fresh starts: the gate's first look is at 6"},
		"memory without a phase":    {budget("memory <= 50MB"), planned(12), nil, "needs a memory phase, and profile p has none"},
		"memory with its phase":     {budget("memory <= 50MB"), planned(12, ancmbench.Memory), nil, ""},
		"throughput":                {Gate{Metrics: []GatedMetric{{Name: "throughput_per_second", Margin: 0.05}}}, planned(12), nil, "needs a peak phase"},
		"a target that is not":      {budget("c p50 <= 1ms"), planned(12), nil, `no target "c": there is a and b`},
		"one of three":              {Gate{}, three, nil, "one target must be named: there is b and c"},
		"one of three, named":       {Gate{Target: "c"}, three, nil, ""},
		"one of three stored":       {Gate{Form: PenaltyAgainstStored, BetweenRuns: known}, planned(12), three, "one target must be named: there is b and c"},
		"one run, nothing known":    {Gate{Form: PenaltyAgainstStored}, planned(12), planned(12), "how much runs of this differ"},
		"one run, a wide margin":    {wide, planned(12), planned(12), ""},
		"one run, known":            {Gate{Form: PenaltyAgainstStored, BetweenRuns: known}, planned(12), planned(12), ""},
		"absolute, nothing known":   {Gate{Form: AgainstStored}, planned(12), planned(12), "how much runs of this differ"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(c.g.Undecidable(c.run, c.stored), "; ")
			if c.says == "" && got != "" || !strings.Contains(got, c.says) {
				t.Errorf("%q, want %q", got, c.says)
			}
		})
	}
}

// A metric that is far over its margin has a verdict of its own, though another fails
// the gate at the same look.
func TestEachMetricHasItsOwnVerdict(t *testing.T) {
	// Of four metrics p50 is worse beyond doubt, and p90 by as much as its own test
	// detects it at the first look and Holm's, which counts all of them, does not.
	own := 0
	for spread := 0.01; spread < 0.3; spread += 0.004 {
		cells := []*cell{ownCell("response_p50_seconds", 0.7, 0.001), ownCell("response_p90_seconds", 0.15, spread),
			ownCell("cpu_seconds_per_request", 0, 0.5), ownCell("memory_loaded_bytes", 0, 0.5)}
		f := &following{cells: cells, tables: map[int]*stats.LookTable{}}
		if err := f.follow(); err != nil {
			t.Fatal(err)
		}
		v := &Verdict{}
		f.conclude(v, &ancmbench.Run{})
		p50, p90 := v.Metrics[0], v.Metrics[1]
		if p50.Outcome != Fail {
			t.Fatalf("p50 is %s", p50.Outcome)
		}
		if p90.HolmLevel == 1 && p90.Outcome == Fail {
			own++
		}
		if p90.Outcome == Inconclusive && (!strings.Contains(p90.Why, "% worse [") || strings.Contains(p90.Why, "had failed before")) {
			t.Errorf("spread %v: %q says nothing of the metric itself", spread, p90.Why)
		}
	}
	if own == 0 {
		t.Error("no metric was decided by its own test: the cases show nothing")
	}
}

// ownCell has eight fresh starts around a mean log ratio.
func ownCell(metric string, mean, spread float64) *cell {
	m, _ := ancmbench.MetricByName(metric)
	c := &cell{sign: 1}
	c.Metric, c.Title, c.Unit, c.Better, c.Margin, c.Attenuation, c.LogMargin = metric, m.Title, m.Unit, ancmbench.Lower, 0.05, 1, 0.0488
	for i, off := range []float64{-1, 1, -0.5, 0.5, -1.2, 1.2, 0.3, -0.3} {
		c.Logs = append(c.Logs, mean+off*spread)
		c.launches, c.other, c.base = append(c.launches, i), append(c.other, 2), append(c.base, 1)
	}
	return c
}
