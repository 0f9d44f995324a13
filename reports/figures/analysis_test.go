package figures

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

func TestAnalyseFindsWhatIsThere(t *testing.T) {
	a := analysed(t, example.Models().Run())
	for metric, want := range map[string]float64{
		"response_p50_seconds": 219. / 95, "cpu_seconds_per_request": 46. / 21,
		"throughput_per_second": 18_300. / 41_000, "memory_loaded_bytes": 19.1 / 11.9, "cold_start_seconds": 71. / 38,
	} {
		s := statement(t, a, metric, "out-of-process")
		if !s.Told() || !s.Worse() || s.Launches != 6 {
			t.Errorf("%s: told %v, worse %v, %d launches", metric, s.Told(), s.Worse(), s.Launches)
		}
		if math.Abs(s.Ratio.Value/want-1) > 0.08 {
			t.Errorf("%s: ratio %.3f, true %.3f", metric, s.Ratio.Value, want)
		}
		example.Near(t, metric+": ratio as quotient of the values", s.Ratio.Value, s.Other.Value/s.Base.Value)
		if p := s.Penalty(); p.Value < 1 || !p.Interval.Holds(p.Value) {
			t.Errorf("%s: penalty %+v", metric, p)
		}
	}
	cpu := statement(t, a, "cpu_seconds_per_request", "out-of-process")
	example.Near(t, "cores", cpu.Cores.Value, cpu.Difference.Value*400)
}

// What is said must not depend on the order of the Results of different launches.
func TestAnalyseOrderFree(t *testing.T) {
	one, other := example.Three().Run(), example.Three().Run()
	slices.SortStableFunc(other.Results, func(x, y ancmbench.Result) int { return y.Launch - x.Launch })
	a, b := analysed(t, one), analysed(t, other)
	a.Warnings, b.Warnings = nil, nil
	if !reflect.DeepEqual(a.Statements, b.Statements) {
		t.Error("statements depend on the order of launches in the file")
	}
}

func TestTwinsAreNoise(t *testing.T) {
	a := analysed(t, example.Three().Run())
	if want := []string{"out-of-process", "far"}; !slices.Equal(a.Targets, want) {
		t.Fatalf("targets %v, want %v", a.Targets, want)
	}
	if len(a.Noise) == 0 || a.Noise[0].Target != "in-process (twin)" {
		t.Fatalf("noise: %+v", a.Noise)
	}
	s := statement(t, a, "response_p50_seconds", "out-of-process")
	if s.Smallest == nil || s.Smallest.From != "A/A" {
		t.Errorf("smallest effect %+v, want it from A/A", s.Smallest)
	}
	if s := statement(t, analysed(t, example.Models().Run()), "response_p50_seconds", "out-of-process"); s.Smallest.From != "interval" {
		t.Errorf("without a twin: %+v", s.Smallest)
	}
}

func TestVoidAndRepeatedTrials(t *testing.T) {
	run := example.Models().Run()
	for i := range run.Results { // fresh start 2's latency of one side is discarded, and was not repeated
		if r := &run.Results[i]; r.Launch == 2 && r.PhaseKind == ancmbench.Latency && r.Target == "in-process" {
			r.Void = ancmbench.VoidLate
		}
	}
	a := analysed(t, run)
	s := statement(t, a, "response_p50_seconds", "out-of-process")
	if s.Launches != 5 || a.Trust.VoidTrials != 1 {
		t.Errorf("%d launches and %d discarded trials, want 5 and 1", s.Launches, a.Trust.VoidTrials)
	}
	if !slices.ContainsFunc(a.Warnings, func(w advice.Advice) bool { return w.Code == ancmbench.WarnVoidTrials }) {
		t.Error("no warning of the discarded trial")
	}
	other := example.Models()
	other.Seed++
	for _, r := range other.Run().Results { // now both sides are measured again
		if r.Launch == 2 && r.PhaseKind == ancmbench.Latency {
			run.Results = append(run.Results, r)
		}
	}
	s = statement(t, analysed(t, run), "response_p50_seconds", "out-of-process")
	want := statement(t, analysed(t, other.Run()), "response_p50_seconds", "out-of-process").Pairs[2]
	if s.Launches != 6 || s.Pairs[2] != want {
		t.Errorf("after the repetition %d launches and %+v, want 6 and the last attempt alone, %+v", s.Launches, s.Pairs[2], want)
	}
	run.Results[len(run.Results)-1].Void = ancmbench.VoidDied
	if s := statement(t, analysed(t, run), "response_p50_seconds", "out-of-process"); s.Launches != 5 {
		t.Errorf("a repetition that is void too leaves %d launches, want 5", s.Launches)
	}
}

// Two parts of one fresh start count as one value, of their samples pooled.
func TestPartsArePooled(t *testing.T) {
	run := example.Models().Run()
	extra := example.Models()
	extra.Seed++
	for _, r := range extra.Run().Results {
		r.Trial += 100
		run.Results = append(run.Results, r)
	}
	before := run.Results[2].Response.Count()
	s := statement(t, analysed(t, run), "response_p50_seconds", "out-of-process")
	if s.Launches != 6 {
		t.Errorf("%d launches, want 6: parts of a launch are no evidence of their own", s.Launches)
	}
	if run.Results[2].Response.Count() != before {
		t.Error("the run was changed")
	}
}

// A percentile that one side alone has is no pair.
func TestOneSidedPercentile(t *testing.T) {
	run := example.Models().Run()
	few := example.Models()
	few.Samples = 400
	for i, r := range few.Run().Results {
		if r.Target == "in-process" && r.Launch < 2 {
			run.Results[i] = r
		}
	}
	s := statement(t, analysed(t, run), "response_p99_seconds", "out-of-process")
	if s.Launches != 4 || s.Note != "too few samples beyond the quantile in 2 of 6 fresh starts" || s.Ratio.Value < 1.5 {
		t.Errorf("%d launches, ratio %v, note %q", s.Launches, s.Ratio.Value, s.Note)
	}
}

func TestMixedMemoryIsNotCompared(t *testing.T) {
	run := example.Models().Run()
	for i := range run.Results {
		if r := &run.Results[i]; r.PhaseKind == ancmbench.Memory && r.Target == "in-process" {
			for j := range r.Usage {
				r.Usage[j].Loaded.PSS = nil
			}
		}
	}
	s := statement(t, analysed(t, run), "memory_loaded_bytes", "out-of-process")
	if s.Ratio != nil || s.Difference != nil || s.Note == "" {
		t.Errorf("PSS was compared with RSS: %+v", s)
	}
}

func TestProgress(t *testing.T) {
	run := example.Models().Run()
	if got := Progress(run); got != "p50 "+stats.Ratio(statement(t, analysed(t, run), "response_p50_seconds", "out-of-process").Ratio)+" after 6 fresh starts" {
		t.Errorf("progress at the end: %q", got)
	}
	for i := range run.Results {
		if r := &run.Results[i]; r.Launch == 0 && r.Target == "in-process" {
			r.Void = ancmbench.VoidLate
		}
	}
	if got := Progress(run); !strings.HasSuffix(got, "after 5 fresh starts") {
		t.Errorf("progress with a discarded trial: %q", got)
	}
	run = example.Models().Run()
	run.Results = run.Results[:4]
	if got := Progress(run); !strings.HasSuffix(got, "after 1 fresh start") || strings.Contains(got, "[") {
		t.Errorf("progress after one: %q", got)
	}
	run.Results = nil
	if got := Progress(run); got != "" {
		t.Errorf("progress of nothing: %q", got)
	}
}
