package gate

import (
	"math"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
)

func TestParseBudget(t *testing.T) {
	for text, want := range map[string]Budget{
		"out-of-process p99 <= 2ms":           {Target: "out-of-process", Metric: "response_p99_seconds", Bound: 0.002},
		"cpu <= 100us":                        {Metric: "cpu_seconds_per_request", Bound: 100e-6},
		"penalty p50 <= 2.5x":                 {Metric: "response_p50_seconds", Penalty: true, Bound: 2.5},
		"behind nginx penalty cpu <= 3x":      {Target: "behind nginx", Metric: "cpu_seconds_per_request", Penalty: true, Bound: 3},
		"in-process throughput>=10000/s":      {Target: "in-process", Metric: "throughput_per_second", Bound: 10_000},
		"penalty throughput <= 2x":            {Metric: "throughput_per_second", Penalty: true, Bound: 2},
		"memory ≤ 40 MB":                      {Metric: "memory_loaded_bytes", Bound: 40e6},
		"idle memory <= 4MiB":                 {Metric: "memory_idle_bytes", Bound: 4 << 20},
		"service p99 <= 1.5 s":                {Metric: "service_p99_seconds", Bound: 1.5},
		"  a   response_p50_seconds <= 900µs": {Target: "a", Metric: "response_p50_seconds", Bound: 900e-6},
		"service_p90_seconds <= 80ns":         {Metric: "service_p90_seconds", Bound: 80e-9},
		"out-of-process response_p99 <= 2ms":  {Target: "out-of-process", Metric: "response_p99_seconds", Bound: 2e-3},
		"a CPU per request at peak <= 1µs":    {Target: "a", Metric: "peak_cpu_seconds_per_request", Bound: 1e-6},
		"in-process (twin) p50 <= 1ms":        {Target: "in-process (twin)", Metric: "response_p50_seconds", Bound: 0.001},
	} {
		got, err := ParseBudget(text)
		if err != nil || got.Target != want.Target || got.Metric != want.Metric || got.Penalty != want.Penalty ||
			math.Abs(got.Bound/want.Bound-1) > 1e-12 {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, says := range map[string]string{
		"p99 < 2ms": "no <= or >=", "": "no <= or >=", "<= 2ms": "no metric", "out-of-process <= 2ms": "no metric",
		"p50 >= 2ms": "written with <=", "throughput <= 5/s": "written with >=", "penalty throughput >= 2x": "written with <=",
		"p50 <= 2": "no unit; legal are ms", "p50 <= ms": "no positive number", "p50 <= -2ms": "no positive number", "p50 <= 0s": "no positive",
		"p50 <= NaNs": "no positive number", "p50 <= 2x": "no unit", "penalty p50 <= 2ms": "no unit; legal are x", "memory <= 1e400MB": "no positive number",
		"p50 <= 1ms <= 2ms": "no positive number",
	} {
		if b, err := ParseBudget(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %+v, %v; want an error that says %q", text, b, err, says)
		}
	}
	if _, err := ParseBudgets([]string{"p50 <= 1ms", "x", "y"}); err == nil || strings.Count(err.Error(), "budget") != 2 {
		t.Errorf("both faults at once: %v", err)
	}
}

func FuzzParseBudget(f *testing.F) {
	for _, s := range []string{"out-of-process p99 <= 2ms", "penalty p50 ≤ 2.5x", "throughput >= 1e4/s", "cpu <= \x00µs", "penalty penalty p50 <= 1x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBudget(text)
		if err != nil {
			return
		}
		if !(b.Bound > 0) || math.IsInf(b.Bound, 0) {
			t.Fatalf("%q has the bound %v", text, b.Bound)
		}
		if _, ok := ancmbench.MetricByName(b.Metric); !ok {
			t.Fatalf("%q is of no metric: %+v", text, b)
		}
		again, err := ParseBudget(b.Text)
		if err != nil || again != b {
			t.Fatalf("%q reads back as %+v, %v, from %+v", b.Text, again, err, b)
		}
	})
}

func TestBudgets(t *testing.T) {
	s := example.Models()
	s.Launches, s.Own, s.Spread, s.Samples = 12, 0.02, 0.02, 1000
	run := s.Run()
	for text, want := range map[string]Outcome{
		"out-of-process p50 <= 300us": Pass, "out-of-process p50 <= 200us": Fail, "out-of-process p50 <= 223us": Inconclusive,
		"p50 <= 300us": Pass, "in-process p50 <= 300us": Pass, "in-process p50 <= 80us": Fail,
		"penalty p50 <= 2.6x": Pass, "penalty p50 <= 2.0x": Fail, "penalty throughput <= 2x": Fail, "penalty throughput <= 2.5x": Pass,
		"throughput >= 16000/s": Pass, "throughput >= 20000/s": Fail, "cpu <= 50us": Pass, "cpu <= 40us": Fail,
		"memory <= 20MB": Pass, "memory <= 18MB": Fail, "cold start <= 60ms": Fail,
	} {
		v := judged(t, Gate{Form: BudgetsOnly, Budgets: budgets(t, text)}, run, nil)
		if v.Outcome != want || len(v.Metrics) != 1 {
			t.Errorf("%s: %s, want %s: %v", text, v.Outcome, want, v.Reasons)
		}
		m := v.Metrics[0]
		over := m.Ratio.Value > 1
		if m.Better == "higher" {
			over = !over
		}
		if m.Outcome != Inconclusive && over != (m.Outcome == Fail) {
			t.Errorf("%s: %s at %v of the budget", text, m.Outcome, m.Ratio.Value)
		}
		t.Logf("%s: %s: %s", text, m.Outcome, m.Why)
	}
	// On top of a comparison (2.24x is detected, and less than thrice) a budget is one
	// hypothesis more.
	g := Gate{Metrics: []GatedMetric{{Name: "response_p50_seconds", Margin: 2}}, Budgets: budgets(t, "penalty p50 <= 2x")}
	if v := judged(t, g, run, nil); v.Outcome != Fail || len(v.Metrics) != 2 || v.Metrics[0].Outcome != Pass || v.Metrics[1].Outcome != Fail {
		t.Errorf("%s, %v", v.Outcome, v.Reasons)
	}
	for _, text := range []string{"nobody p50 <= 1ms", "in-process penalty p50 <= 2x"} {
		if _, err := (Gate{Form: BudgetsOnly, Budgets: budgets(t, text)}).Judge(run, nil); err == nil {
			t.Errorf("%s was judged", text)
		}
	}
	many := example.Three().Run()
	if _, err := (Gate{Form: BudgetsOnly, Budgets: budgets(t, "p50 <= 1ms")}).Judge(many, nil); err == nil || !strings.Contains(err.Error(), "name one of the targets") {
		t.Errorf("one of two targets: %v", err)
	}
}

// A budget that no fresh start can meet or miss for want of values is no pass.
func TestBudgetOfNothing(t *testing.T) {
	run := example.GateRun(nil)
	v := judged(t, Gate{Form: BudgetsOnly, Budgets: budgets(t, "head throughput >= 1/s")}, run, nil)
	if v.Outcome != Invalid {
		t.Errorf("throughput that was not measured: %s, %v", v.Outcome, v.Reasons)
	}
	v = judged(t, Gate{Budgets: budgets(t, "head throughput >= 1/s")}, run, nil)
	if v.Outcome != Inconclusive {
		t.Errorf("beside others: %s, %v", v.Outcome, v.Reasons)
	}
}
