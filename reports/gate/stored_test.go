package gate

import (
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

// steady is the spread of runs that differ by 0.3 %, known from many.
func steady() map[string]stats.BetweenRuns {
	out := map[string]stats.BetweenRuns{}
	for _, m := range DefaultMetrics() {
		out[m.Name] = stats.BetweenRuns{SD: 0.003, Runs: 20, From: "20 stored runs"}
	}
	return out
}

func TestPenaltyAgainstStored(t *testing.T) {
	stored := example.StoredRun(21, 12, 1)
	for factor, want := range map[float64]Outcome{1: Pass, 1.1: Fail, 0.9: Pass} {
		run := example.StoredRun(22, 20, factor)
		// The machine is half as fast today: the ratio does not know.
		slow := func(r *ancmbench.Result) {
			h := new(ancmbench.Histogram)
			r.Response.Buckets(func(d time.Duration, n int64) bool { h.RecordN(2*d, n); return true })
			r.Response = h
		}
		for i := range run.Results {
			if run.Results[i].PhaseKind == ancmbench.Latency {
				slow(&run.Results[i])
			}
		}
		v := judged(t, Gate{Form: PenaltyAgainstStored, BetweenRuns: steady()}, run, stored)
		if v.Outcome != want || v.Target != "out-of-process" {
			t.Errorf("penalty times %v: %s, %v", factor, v.Outcome, v.Reasons)
		}
		m := v.metric(t, "response_p50_seconds")
		if m.Base == nil || m.Base.Value < 2.1 || m.Base.Value > 2.5 || m.Unit != "ratio" {
			t.Errorf("stored penalty %+v", m.Base)
		}
		t.Logf("times %v: %s %s after %d (%v against %v)", factor, m.Outcome, m.Why, m.Launches, stats.Value(m.Other, "ratio"), stats.Value(m.Base, "ratio"))
	}
	if v := judged(t, Gate{Form: PenaltyAgainstStored, BetweenRuns: steady()}, example.StoredRun(22, 20, 1), example.StoredRun(21, 1, 1)); v.Outcome == Pass {
		t.Errorf("one stored launch: %s", v.Outcome)
	}
}

func TestStoredRunOfOtherSettingsIsRefused(t *testing.T) {
	each := func(run *ancmbench.Run, change func(*ancmbench.Result)) {
		for i := range run.Results {
			change(&run.Results[i])
		}
	}
	for says, change := range map[string]func(*ancmbench.Run){
		"rate: 800 requests/s instead of 400 requests/s": func(r *ancmbench.Run) {
			each(r, func(x *ancmbench.Result) { x.Arrivals.Rate *= 2 })
		},
		"connections: 9 instead of 8": func(r *ancmbench.Run) { each(r, func(x *ancmbench.Result) { x.Connections++ }) },
		"engine: vegeta instead of wire": func(r *ancmbench.Run) {
			each(r, func(x *ancmbench.Result) { x.Engine = "vegeta" })
		},
		"dealing: one target at a time instead of alternating every 50 ms": func(r *ancmbench.Run) {
			each(r, func(x *ancmbench.Result) { x.Dealing.Kind = ancmbench.Single })
		},
		"dealing: alternating every 150 ms": func(r *ancmbench.Run) { each(r, func(x *ancmbench.Result) { x.Dealing.Slice *= 3 }) },
		"arrivals: constant":                func(r *ancmbench.Run) { each(r, func(x *ancmbench.Result) { x.Arrivals.Kind = ancmbench.Constant }) },
		"its requests are others":           func(r *ancmbench.Run) { r.Profile.Workloads[0].Requests[0].Path = "/other" },
		"out-of-process: relay":             func(r *ancmbench.Run) { r.Targets[1].Model = ancmbench.Relay },
		"out-of-process: out-of-process nethttp over TLS (HTTP/2) behind request-log and static-files instead of out-of-process": func(r *ancmbench.Run) {
			r.Targets[1].Front, r.Targets[1].Protocol, r.Targets[1].Native = "nethttp", "h2", []string{"request-log", "static-files"}
		},
		"subject: IIS": func(r *ancmbench.Run) { r.Subject = ancmbench.SubjectIIS },
		"the stored run has nothing of out-of-process in phase latency2": func(r *ancmbench.Run) { each(r, func(x *ancmbench.Result) { x.Phase += "2" }) },
	} {
		run := example.StoredRun(22, 8, 1)
		change(run)
		v := judged(t, Gate{Form: PenaltyAgainstStored, BetweenRuns: steady()}, run, example.StoredRun(21, 8, 1))
		if got := strings.Join(v.Reasons, "; "); v.Outcome != Invalid || v.ExitCode != ExitInvalid || !strings.Contains(got, says) {
			t.Errorf("%s: %s, %s", says, v.Outcome, got)
		}
	}
	// Slices fitted a little differently are the same dealing.
	run := example.StoredRun(22, 20, 1)
	each(run, func(x *ancmbench.Result) { x.Dealing.Slice = x.Dealing.Slice * 3 / 2 })
	if v := judged(t, Gate{Form: PenaltyAgainstStored, BetweenRuns: steady()}, run, example.StoredRun(21, 20, 1)); v.Outcome != Pass {
		t.Errorf("slices of 75 and 50 ms: %s, %v", v.Outcome, v.Reasons)
	}
	// A penalty may be compared across hosts, for it is a ratio.
	run = example.StoredRun(22, 20, 1)
	run.Host.CPUModel = "another"
	if v := judged(t, Gate{Form: PenaltyAgainstStored, BetweenRuns: steady()}, run, example.StoredRun(21, 20, 1)); v.Outcome != Pass {
		t.Errorf("another CPU: %s, %v", v.Outcome, v.Reasons)
	}
}

func TestAbsoluteAgainstStored(t *testing.T) {
	g := Gate{Form: AgainstStored, BetweenRuns: steady(), Metrics: []GatedMetric{{Name: "response_p50_seconds", Margin: 0.25}}}
	calm := func(seed uint64, factor float64) *ancmbench.Run {
		s := example.Models()
		s.Seed, s.Launches, s.Spread, s.Samples = seed, 20, 0.03, 1000
		s.Arms[0], s.Arms[1] = example.ScaledArm(s.Arms[0], factor), example.ScaledArm(s.Arms[1], factor)
		return s.Run()
	}
	stored := calm(1, 1)
	for factor, want := range map[float64]Outcome{1: Pass, 1.5: Fail} {
		if v := judged(t, g, calm(2, factor), stored); v.Outcome != want || len(v.Metrics) != 2 {
			t.Errorf("times %v: %s, %v", factor, v.Outcome, v.Reasons)
		}
	}
	for says, change := range map[string]func(*ancmbench.Host){
		"CPU: other instead of Test CPU":  func(h *ancmbench.Host) { h.CPUModel = "other" },
		"cores: 2 instead of 4":           func(h *ancmbench.Host) { h.Cores = 2 },
		"kernel: 6.2 instead of 6.1":      func(h *ancmbench.Host) { h.Kernel = "6.2.9-generic" },
		"memory: 16 GiB instead of 8 GiB": func(h *ancmbench.Host) { h.MemoryBytes *= 2 },
		"Go: 1.27 instead of 1.26":        func(h *ancmbench.Host) { h.GoVersion = "go1.27.1" },
	} {
		run := calm(2, 1)
		change(&run.Host)
		v := judged(t, g, run, stored)
		if got := strings.Join(v.Reasons, "; "); v.Outcome != Invalid || !strings.Contains(got, says) {
			t.Errorf("%s: %s, %s", says, v.Outcome, got)
		}
		loose := g
		loose.AllowEnvironment = true
		if v := judged(t, loose, run, stored); v.Outcome != Pass {
			t.Errorf("%s, allowed: %s, %v", says, v.Outcome, v.Reasons)
		}
	}
	run := calm(2, 1)
	run.Host.Kernel, run.Host.MemoryBytes = "6.1.99-security", run.Host.MemoryBytes*99/100
	if v := judged(t, g, run, stored); v.Outcome != Pass {
		t.Errorf("a security update: %s, %v", v.Outcome, v.Reasons)
	}
}
