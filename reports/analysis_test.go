package reports

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
)

// three is a scene with a twin of the first target and a second target whose
// processes were not found.
func three() scene {
	s := models()
	twin := s.arms[0]
	twin.name, twin.twinOf = "in-process (twin)", "in-process"
	s.arms = append(s.arms, twin, arm{name: "far", median: 300 * time.Microsecond, tail: 2, throughput: 9000, cold: 90 * time.Millisecond})
	return s
}

func statement(t *testing.T, a *Analysis, metric, target string) Statement {
	t.Helper()
	s, ok := a.Statement(metric, target)
	if !ok {
		t.Fatalf("no statement on %s of %s", metric, target)
	}
	return s
}

func TestAnalyseFindsWhatIsThere(t *testing.T) {
	a := analysed(t, models().run())
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
		near(t, metric+": ratio as quotient of the values", s.Ratio.Value, s.Other.Value/s.Base.Value)
		if p := s.Penalty(); p.Value < 1 || !p.Interval.Holds(p.Value) {
			t.Errorf("%s: penalty %+v", metric, p)
		}
	}
	cpu := statement(t, a, "cpu_seconds_per_request", "out-of-process")
	near(t, "cores", cpu.Cores.Value, cpu.Difference.Value*400)
}

// What is said must not depend on the order of the Results of different launches.
func TestAnalyseOrderFree(t *testing.T) {
	one, other := three().run(), three().run()
	slices.SortStableFunc(other.Results, func(x, y ancmbench.Result) int { return y.Launch - x.Launch })
	a, b := analysed(t, one), analysed(t, other)
	a.Warnings, b.Warnings = nil, nil
	if !reflect.DeepEqual(a.Statements, b.Statements) {
		t.Error("statements depend on the order of launches in the file")
	}
}

func TestTwinsAreNoise(t *testing.T) {
	a := analysed(t, three().run())
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
	if s := statement(t, analysed(t, models().run()), "response_p50_seconds", "out-of-process"); s.Smallest.From != "interval" {
		t.Errorf("without a twin: %+v", s.Smallest)
	}
}

func TestVoidAndRepeatedTrials(t *testing.T) {
	run := models().run()
	for i := range run.Results { // launch 2's latency of one side is void, and was not repeated
		if r := &run.Results[i]; r.Launch == 2 && r.PhaseKind == ancmbench.Latency && r.Target == "in-process" {
			r.Void = ancmbench.VoidLate
		}
	}
	a := analysed(t, run)
	s := statement(t, a, "response_p50_seconds", "out-of-process")
	if s.Launches != 5 || a.Trust.VoidTrials != 1 {
		t.Errorf("%d launches and %d void trials, want 5 and 1", s.Launches, a.Trust.VoidTrials)
	}
	if !slices.ContainsFunc(a.Warnings, func(w Advice) bool { return w.Code == ancmbench.WarnVoidTrials }) {
		t.Error("no warning of the void trial")
	}
	other := models()
	other.seed++
	for _, r := range other.run().Results { // now both sides are measured again
		if r.Launch == 2 && r.PhaseKind == ancmbench.Latency {
			run.Results = append(run.Results, r)
		}
	}
	s = statement(t, analysed(t, run), "response_p50_seconds", "out-of-process")
	want := statement(t, analysed(t, other.run()), "response_p50_seconds", "out-of-process").Pairs[2]
	if s.Launches != 6 || s.Pairs[2] != want {
		t.Errorf("after the repetition %d launches and %+v, want 6 and the last attempt alone, %+v", s.Launches, s.Pairs[2], want)
	}
	run.Results[len(run.Results)-1].Void = ancmbench.VoidDied
	if s := statement(t, analysed(t, run), "response_p50_seconds", "out-of-process"); s.Launches != 5 {
		t.Errorf("a repetition that is void too leaves %d launches, want 5", s.Launches)
	}
}

// Two parts of one launch count as one value, of their samples pooled.
func TestPartsArePooled(t *testing.T) {
	run := models().run()
	extra := models()
	extra.seed++
	for _, r := range extra.run().Results {
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

func TestFewSamplesPrintNoTail(t *testing.T) {
	s := models()
	s.samples = 400 // 4 beyond p99
	run := s.run()
	st := statement(t, analysed(t, run), "response_p99_seconds", "out-of-process")
	if st.Launches != 0 || st.Note == "" || st.Ratio != nil {
		t.Errorf("p99 of 400 samples: %+v", st)
	}
	text := screen(t, run, TextOptions{})
	if !strings.Contains(text, "response p99                    -") || !strings.Contains(text, "too few samples") {
		t.Errorf("the screen does not say that p99 is missing:\n%s", text)
	}
}

// A percentile that one side alone has is no pair.
func TestOneSidedPercentile(t *testing.T) {
	run := models().run()
	few := models()
	few.samples = 400
	for i, r := range few.run().Results {
		if r.Target == "in-process" && r.Launch < 2 {
			run.Results[i] = r
		}
	}
	s := statement(t, analysed(t, run), "response_p99_seconds", "out-of-process")
	if s.Launches != 4 || s.Note != "too few samples beyond the quantile in 2 fresh starts" || s.Ratio.Value < 1.5 {
		t.Errorf("%d launches, ratio %v, note %q", s.Launches, s.Ratio.Value, s.Note)
	}
}

// However many warnings there are, the screen keeps its height and says how
// many it left out.
func TestScreenHoldsManyWarnings(t *testing.T) {
	run := models().run()
	for _, c := range codes(t) {
		run.Warnings = append(run.Warnings, ancmbench.Warning{Code: c, Value: 2, Bound: 1, Detail: "detail"})
	}
	for _, width := range []int{80, 100} {
		text := screen(t, run, TextOptions{Width: width, Report: "results/x/report.html"})
		if n := strings.Count(text, "\n"); n > 40 || n < 37 || !strings.Contains(text, "more warnings in the report") {
			t.Errorf("%d lines:\n%s", n, text)
		}
	}
}

func TestMixedMemoryIsNotCompared(t *testing.T) {
	run := models().run()
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

// Every kind of run has every report, and none has a value that JSON cannot hold.
func TestEveryRunHasEveryReport(t *testing.T) {
	build := func(change func(*scene)) *ancmbench.Run {
		s := models()
		change(&s)
		return s.run()
	}
	runs := map[string]*ancmbench.Run{
		"nothing yet": build(func(s *scene) { s.launches = 0 }),
		"one launch":  build(func(s *scene) { s.launches = 1 }),
		"two":         build(func(s *scene) { s.launches = 2 }),
		"no noise":    build(func(s *scene) { s.spread, s.own = 0, 0 }),
		"twin":        three().run(),
		"alone":       build(func(s *scene) { s.arms = s.arms[:1] }),
		"no processes": build(func(s *scene) {
			for i := range s.arms {
				s.arms[i].roles = nil
			}
		}),
		"few samples": build(func(s *scene) { s.samples = 5 }),
		"nine targets": build(func(s *scene) {
			for i := range 7 {
				rung := s.arms[1]
				rung.name = "out-of-process-rung-" + string(rune('a'+i))
				s.arms = append(s.arms, rung)
			}
		}),
		"empty": {Targets: []ancmbench.TargetInfo{{Name: "a"}, {Name: "b"}}},
	}
	interrupted := build(func(s *scene) { s.launches = 3 })
	interrupted.State, interrupted.Reason = ancmbench.Interrupted, "Ctrl-C"
	interrupted.Results = interrupted.Results[:len(interrupted.Results)-3]
	runs["interrupted"] = interrupted
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			a := analysed(t, run)
			text := screen(t, run, TextOptions{Width: 80})
			for l := range strings.Lines(text) {
				if n := len([]rune(strings.TrimRight(l, "\n"))); n > 80 {
					t.Errorf("%d columns: %s", n, l)
				}
			}
			if n := strings.Count(text, "\n"); n > 40 {
				t.Errorf("%d lines do not fit a screen:\n%s", n, text)
			}
			var b bytes.Buffer
			if err := JSON(&b, run, a); err != nil || !json.Valid(b.Bytes()) {
				t.Errorf("JSON: %v", err)
			}
			if err := HTML(&b, run, a); err != nil {
				t.Error(err)
			}
			if slices.Contains([]string{"nothing yet", "alone", "no processes"}, name) {
				pictures(t, run)
			}
			if strings.Contains(text+b.String(), "NaN") || strings.Contains(text+b.String(), "Inf") {
				t.Error("a report holds NaN or Inf")
			}
			Progress(run)
		})
	}
	if _, err := Analyse(&ancmbench.Run{}); err == nil {
		t.Error("a run without targets must be an error")
	}
}

func TestProgress(t *testing.T) {
	run := models().run()
	if got := Progress(run); got != "p50 "+ratio(statement(t, analysed(t, run), "response_p50_seconds", "out-of-process"))+" after 6 fresh starts" {
		t.Errorf("progress at the end: %q", got)
	}
	for i := range run.Results {
		if r := &run.Results[i]; r.Launch == 0 && r.Target == "in-process" {
			r.Void = ancmbench.VoidLate
		}
	}
	if got := Progress(run); !strings.HasSuffix(got, "after 5 fresh starts") {
		t.Errorf("progress with a void trial: %q", got)
	}
	run = models().run()
	run.Results = run.Results[:4]
	if got := Progress(run); !strings.HasSuffix(got, "after 1 fresh start") || strings.Contains(got, "[") {
		t.Errorf("progress after one: %q", got)
	}
	run.Results = nil
	if got := Progress(run); got != "" {
		t.Errorf("progress of nothing: %q", got)
	}
}
