package experiment

import (
	"slices"
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

// An app that is a target and stands behind another one works for that one in its slices. That
// is not its background; what it does in a third target's slices is.
func TestCPUOfAProcessInTwoTargets(t *testing.T) {
	app := func(role ancmbench.Role) ancmbench.Process {
		return ancmbench.Process{PID: 7, Name: "node", Role: role}
	}
	front := ancmbench.Process{PID: 8, Name: "nginx", Role: "server"}
	lone := ancmbench.Process{PID: 9, Name: "node", Role: "server"}
	live := []*target{
		{spec: TargetSpec{Name: "direct"}, running: &still{info: targets.Info{Processes: []ancmbench.Process{app("server")}}}},
		{spec: TargetSpec{Name: "behind"}, running: &still{info: targets.Info{Processes: []ancmbench.Process{front, app("upstream")}}}},
		{spec: TargetSpec{Name: "third"}, running: &still{info: targets.Info{Processes: []ancmbench.Process{lone}}}},
	}
	used := func(roles ...ancmbench.Role) (c targets.Costs) {
		for _, role := range roles {
			c.Usage = append(c.Usage, ancmbench.RoleUsage{Role: role, CPU: &ancmbench.CPU{Source: "x"}})
		}
		return c
	}
	run := func(turns ...int) []ancmbench.Result {
		ms := time.Millisecond
		t0 := time.Now()
		costs := []targets.Costs{used("server"), used("server", "upstream"), used("server")}
		c := &counters{self: new(usage.Meter), targets: live}
		for i, target := range append([]int{-1}, turns...) {
			c.edges = append(c.edges, loadgen.Edge{Slice: i - 1, Target: target, At: t0.Add(time.Duration(i) * 50 * ms)})
			c.own = append(c.own, 0)
			at := time.Duration(i) * ms // each uses 1 ms before each edge, and the app 10
			costs[0].CPU = append(costs[0].CPU, 10*at)
			costs[1].CPU = append(costs[1].CPU, at, 10*at)
			costs[2].CPU = append(costs[2].CPU, at)
		}
		results := make([]ancmbench.Result, 3)
		c.fill(results, costs)
		return results
	}
	check := func(what string, cpu *ancmbench.CPU, own, background, others time.Duration) {
		t.Helper()
		if cpu == nil || cpu.Own.D() != own || cpu.Background.D() != background || cpu.Others.D() != others {
			t.Errorf("%s: %+v, want %v, %v in %v", what, cpu, own, background, others)
		}
	}
	ms := time.Millisecond
	r := run(0, 1, 2)
	check("direct", r[0].Usage[0].CPU, 10*ms, 10*ms, 50*ms)           // not in behind's slice
	check("behind, server", r[1].Usage[0].CPU, 1*ms, 2*ms, 100*ms)    // nginx is in behind alone
	check("behind, upstream", r[1].Usage[1].CPU, 10*ms, 10*ms, 50*ms) // not in direct's slice
	check("third", r[2].Usage[0].CPU, 1*ms, 2*ms, 100*ms)

	r = run(-1, -1) // request by request, nobody can say for whom the app worked
	if u := r[0].Usage[0]; u.CPU != nil || u.Unsupported["cpu"] == "" {
		t.Errorf("a duel, direct: %+v", u)
	}
	if u := r[1].Usage[1]; u.CPU != nil || u.Unsupported["cpu"] == "" {
		t.Errorf("a duel, upstream: %+v", u)
	}
	check("a duel, behind, server", r[1].Usage[0].CPU, 2*ms, 0, 0)
}

// The run says once which process is in two targets, which targets run the same program, and
// whose processes are not known.
func TestSharingIsSaidOnce(t *testing.T) {
	of := func(name string, programs string, pids ...int) *target {
		info := targets.Info{Programs: []string{programs}}
		for _, pid := range pids {
			info.Processes = append(info.Processes, ancmbench.Process{PID: pid, Name: "node", Role: "server"})
			info.Roles = []ancmbench.Role{"server"}
		}
		if pids == nil {
			info = targets.Info{Missing: "the server is not on this machine"}
		}
		return &target{spec: TargetSpec{Name: name, Target: ancmbench.Target{Address: "x"}}, running: &still{info: info}}
	}
	r := &runner{run: &ancmbench.Run{}}
	live := []*target{of("a", "1:1", 1), of("b", "1:1", 1, 5), of("c", "1:1", 2), of("d", "1:2", 3), of("far", "")}
	for range 2 {
		r.noteSharing(live)
	}
	var said []string
	for _, w := range r.run.Warnings {
		said = append(said, string(w.Code)+": "+w.Target+w.Detail)
	}
	want := []string{
		"process-in-two-targets: node (process 1) is in a and in b",
		"pages-shared-by-targets: a and c",
		"pages-shared-by-targets: b and c",
		"processes-not-found: farthe server is not on this machine",
	}
	if !slices.Equal(said, want) {
		t.Errorf("said %q\nwant %q", said, want)
	}
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
