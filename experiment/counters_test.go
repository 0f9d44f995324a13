package experiment

import (
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// TestCPUGoesToTheSliceItWasUsedIn attributes invented readings of two targets with one
// role each. What a target uses while the other is loaded is background.
func TestCPUGoesToTheSliceItWasUsedIn(t *testing.T) {
	used := func(role ancmbench.Role) targets.Costs {
		return targets.Costs{Usage: []ancmbench.RoleUsage{{Role: role, CPU: &ancmbench.CPU{Source: "x"}}}}
	}
	costs := []targets.Costs{used("a"), used("b")}
	ms := time.Millisecond
	t0 := time.Now()
	c := &counters{self: new(usage.Meter)}
	row := func(slice, target int, at, a, b, gen time.Duration) {
		c.edges, c.own = append(c.edges, loadgen.Edge{Slice: slice, Target: target, At: t0.Add(at)}), append(c.own, gen)
		costs[0].CPU, costs[1].CPU = append(costs[0].CPU, a), append(costs[1].CPU, b)
	}
	row(-1, -1, 0, 10*ms, 20*ms, 0)
	row(0, 0, 50*ms, 15*ms, 21*ms, 2*ms)   // a's slice: a +5, b +1
	row(1, 1, 100*ms, 15*ms, 29*ms, 5*ms)  // b's slice: a +0, b +8
	row(2, 0, 160*ms, 22*ms, 29*ms, 10*ms) // a's slice: a +7, b +0
	results := []ancmbench.Result{
		{Slices: []ancmbench.SliceRow{{Index: 0}, {Index: 2}}},
		{Slices: []ancmbench.SliceRow{{Index: 1}}},
	}
	c.fill(results, costs)
	check := func(what string, got ancmbench.Seconds, want time.Duration) {
		t.Helper()
		if got.D() != want {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	a, b := results[0].Usage, results[1].Usage
	check("a own", a[0].CPU.Own, 12*ms)
	check("a background", a[0].CPU.Background, 0)
	check("a others", a[0].CPU.Others, 50*ms)
	check("b own", b[0].CPU.Own, 8*ms)
	check("b background", b[0].CPU.Background, 1*ms)
	check("b others", b[0].CPU.Others, 110*ms)
	check("generator in a's slices", a[1].CPU.Own, 7*ms)
	check("generator in b's slices", b[1].CPU.Own, 3*ms)
	check("a's last slice", results[0].Slices[1].CPU[0], 7*ms)
	check("generator in b's slice", results[1].Slices[0].CPU[1], 3*ms)
}

// TestBackgroundWorkIsFlagged: a target that works in the other's slices has a warning if
// it exceeds the bound; one that is idle has none.
func TestBackgroundWorkIsFlagged(t *testing.T) {
	s := func(share float64) ancmbench.Seconds { return ancmbench.Seconds(share * 1e9) }
	for _, c := range []struct {
		worker, app float64 // s of background in 1 s of others' slices
		want        bool
	}{{0, 0, false}, {0.002, 0.002, false}, {0.003, 0.003, true}, {0, 0.5, true}} {
		res := ancmbench.Result{Target: "b", Usage: []ancmbench.RoleUsage{
			{Role: "worker", CPU: &ancmbench.CPU{Background: s(c.worker), Others: s(1)}},
			{Role: "app", CPU: &ancmbench.CPU{Background: s(c.app), Others: s(1)}},
			{Role: ancmbench.GeneratorRole, CPU: &ancmbench.CPU{Background: s(0.9), Others: s(1)}},
		}}
		checkBackground(&res)
		if len(res.Checks) != 1 || res.Checks[0].OK() == c.want || len(res.Warnings) == 1 != c.want {
			t.Errorf("%+v: %+v %+v", c, res.Checks, res.Warnings)
		}
	}
	alone := ancmbench.Result{Usage: []ancmbench.RoleUsage{{Role: "worker", CPU: &ancmbench.CPU{Own: s(1)}}}}
	if checkBackground(&alone); len(alone.Checks) != 0 {
		t.Errorf("one target has no others: %+v", alone.Checks)
	}
}
