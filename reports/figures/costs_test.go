package figures

import (
	"math"
	"reflect"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
)

func TestCostsAddUp(t *testing.T) {
	a := analysed(t, example.Three().Run())
	for _, target := range []string{"in-process", "out-of-process"} {
		var cpu, cores, memory, background float64
		for _, c := range a.Costs {
			if c.Target == target {
				cpu, cores, memory = cpu+*c.CPU, cores+*c.Cores, memory+*c.LoadedPSS
				background = max(background, *c.Background)
			}
		}
		example.Near(t, target+": cores", cores, cpu*400)
		example.Near(t, target+": background", background, 0.001)
		for metric, sum := range map[string]float64{"cpu_seconds_per_request": cpu, "memory_loaded_bytes": memory} {
			s, ok := a.SeriesOf(metric, target)
			if !ok || math.Abs(sum/s.Center.Value-1) > 0.01 {
				t.Errorf("%s of %s: roles sum to %v, the whole is %v", metric, target, sum, s.Center.Value)
			}
		}
	}
	for _, c := range a.Costs {
		if c.Target == "far" {
			t.Errorf("a cost of a target without processes: %+v", c)
		}
	}
}

func TestChecksKeepTheWorst(t *testing.T) {
	var trust Trust
	trust.addChecks([]ancmbench.Check{
		{Name: "lag_p99_seconds", Value: 1, Bound: 2}, {Name: "lag_p99_seconds", Value: 3, Bound: 2}, {Name: "lag_p99_seconds", Value: 2.5, Bound: 2},
		{Name: "rate_share", Value: 0.99, Bound: 0.98, AtLeast: true}, {Name: "rate_share", Value: 0.9, Bound: 0.98, AtLeast: true},
		{Name: "steal_share", Unsupported: "no /proc"},
	})
	want := []CheckSummary{{Name: "lag_p99_seconds", Worst: 3, Bound: 2, Failed: 2, Looked: 3},
		{Name: "rate_share", Worst: 0.9, Bound: 0.98, AtLeast: true, Failed: 1, Looked: 2},
		{Name: "steal_share", Unsupported: "no /proc"}}
	if !reflect.DeepEqual(trust.Checks, want) {
		t.Errorf("got  %+v\nwant %+v", trust.Checks, want)
	}
}
