package gate

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

func (v *Verdict) metric(t *testing.T, name string) MetricVerdict {
	t.Helper()
	for _, m := range v.Metrics {
		if m.Metric == name {
			return m
		}
	}
	t.Fatalf("no verdict on %s in %+v", name, v.Metrics)
	return MetricVerdict{}
}

// A gate that cannot fail is a defect: +5 % in any gated metric must be seen, and
// the same build must pass.
func TestGateFires(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*example.Arm)
		want    Outcome
		metrics []string
		exit    int
	}{
		"the same": {func(*example.Arm) {}, Pass, nil, 0},
		"better":   {func(a *example.Arm) { a.Median = example.ScaledBy(a.Median, 0.9) }, Pass, nil, 0},
		"p50 +5 %": {func(a *example.Arm) { a.Median = example.ScaledBy(a.Median, 1.055) }, Fail, []string{"response_p50_seconds", "response_p90_seconds"}, 99},
		"CPU +5 %": {func(a *example.Arm) { a.CPU = []time.Duration{0, example.ScaledBy(a.CPU[1], 1.05)} }, Fail, []string{"cpu_seconds_per_request"}, 99},
		"twice":    {func(a *example.Arm) { a.Median *= 2 }, Fail, []string{"response_p50_seconds", "response_p90_seconds"}, 99},
	} {
		run := example.GateRun(func(s *example.Scene) { s.Arms[1].CPU = slices.Clone(s.Arms[1].CPU); c.change(&s.Arms[1]) })
		v := judged(t, Gate{}, run, nil)
		if v.Outcome != c.want || v.ExitCode != c.exit {
			t.Errorf("%s: %s, exit %d, want %s, %d: %v", name, v.Outcome, v.ExitCode, c.want, c.exit, v.Reasons)
		}
		for _, m := range v.Metrics {
			if want := slices.Contains(c.metrics, m.Metric); !m.Advisory && want != (m.Outcome == Fail) {
				t.Errorf("%s: %s is %s: %s", name, m.Metric, m.Outcome, m.Why)
			}
			t.Logf("%s: %s: %s after %d: %s; %s", name, m.Metric, m.Outcome, m.Launches, m.Why, m.Told())
		}
		if len(v.Metrics) != 4 || !v.Metrics[3].Advisory {
			t.Errorf("%s: gated %+v", name, v.Metrics)
		}
	}
}

// p99 is for advice: it is judged, and decides nothing.
func TestAdvisoryDecidesNothing(t *testing.T) {
	run := example.GateRun(func(s *example.Scene) { s.Arms[1].Tail = 400 })
	v := judged(t, Gate{}, run, nil)
	p99 := v.metric(t, "response_p99_seconds")
	if v.Outcome != Pass || p99.Outcome == Pass {
		t.Errorf("%s with p99 %s: %s", v.Outcome, p99.Outcome, p99.Why)
	}
	asked := Gate{Metrics: []GatedMetric{{Name: "response_p99_seconds", Margin: 0.1}}}
	if v := judged(t, asked, run, nil); v.Outcome != Fail {
		t.Errorf("p99 asked for: %s, %v", v.Outcome, v.Reasons)
	}
}

func TestFewLaunchesNeverPass(t *testing.T) {
	for n := range 6 {
		for _, factor := range []float64{1, 3} {
			run := example.GateRun(func(s *example.Scene) {
				s.Launches = n
				s.Own = 1e-6
				s.Arms[1].Median = example.ScaledBy(s.Arms[1].Median, factor)
			})
			v := judged(t, Gate{}, run, nil)
			want := Inconclusive
			if n == 0 {
				want = Invalid
			}
			if v.Outcome != want {
				t.Errorf("%d launches, %v times: %s, %v", n, factor, v.Outcome, v.Reasons)
			}
			if n == 3 && !strings.Contains(v.Reasons[0], "3 fresh starts, and the first look is at 6") {
				t.Errorf("reasons %q", v.Reasons)
			}
			if n > 0 && (v.ExitCode != ExitUndecided || !v.More) {
				t.Errorf("%d launches: exit %d, more %v", n, v.ExitCode, v.More)
			}
		}
	}
	run := example.GateRun(func(s *example.Scene) { s.Launches = 3 })
	if v := judged(t, Gate{AllowInconclusive: true}, run, nil); v.ExitCode != 0 || !v.Allowed || v.Outcome != Inconclusive {
		t.Errorf("allowed: exit %d, %+v", v.ExitCode, v)
	}
}

// Noise: without decision inconclusive, and with a twin that shows the noise to
// be the host's, unstable; never pass.
func TestNoiseIsNoPass(t *testing.T) {
	noisy := func(s *example.Scene) { s.Own, s.Seed = 0.25, 3 }
	v := judged(t, Gate{}, example.GateRun(noisy), nil)
	if v.Outcome != Unstable && v.Outcome != Inconclusive || v.metric(t, "response_p50_seconds").Outcome != Unstable || v.ExitCode != ExitUndecided {
		t.Errorf("with a twin: %s, %v", v.Outcome, v.Reasons)
	}
	if m := v.metric(t, "response_p50_seconds"); !strings.Contains(m.Why, "host noise") || m.Best.From != "A/A" || m.Best.Share < 0.05 {
		t.Errorf("with a twin: %s, %+v", m.Why, m.Best)
	}
	alone := example.GateRun(func(s *example.Scene) { noisy(s); s.Arms = s.Arms[:2] })
	v = judged(t, Gate{}, alone, nil)
	if m := v.metric(t, "response_p50_seconds"); v.Outcome != Inconclusive || m.Tells == nil || m.Tells.From != "fresh starts" || m.Launches != 20 {
		t.Errorf("without: %s, %v", v.Outcome, v.Reasons)
	}
	v = judged(t, Gate{Calibrated: map[string]float64{"response_p50_seconds": 0.3}}, alone, nil)
	if m := v.metric(t, "response_p50_seconds"); m.Outcome != Unstable || m.Best.From != "calibration" {
		t.Errorf("calibrated: %s, %+v", m.Outcome, m.Best)
	}
	// A pass that a twin does not bear out is none.
	odd := example.GateRun(func(s *example.Scene) { s.Arms[2].Median = example.ScaledBy(s.Arms[2].Median, 1.2) })
	v = judged(t, Gate{}, odd, nil)
	if m := v.metric(t, "response_p50_seconds"); m.Outcome != Unstable || !strings.Contains(m.Why, "two copies of one thing differ by 1") {
		t.Errorf("a twin that differs: %s, %s", m.Outcome, m.Why)
	}
}

func TestInvalid(t *testing.T) {
	head := func(run *ancmbench.Run, change func(int, *ancmbench.Result)) {
		n := 0
		for i := range run.Results {
			if r := &run.Results[i]; r.Target == "head" {
				change(n, r)
				n++
			}
		}
	}
	warn := func(code ancmbench.WarningCode, detail string) func(int, *ancmbench.Result) {
		return func(_ int, r *ancmbench.Result) {
			r.Warnings = append(r.Warnings, ancmbench.Warning{Code: code, Detail: detail})
		}
	}
	same := example.GateRun(nil)
	for name, c := range map[string]struct {
		change func(int, *ancmbench.Result)
		reason string // empty: valid
	}{
		"nothing":            {func(int, *ancmbench.Result) {}, ""},
		"wrong model once":   {func(n int, r *ancmbench.Result) { r.Outcomes.WrongModel += int64(1 - min(n, 1)) }, "wrong model"},
		"wrong model, void":  {func(n int, r *ancmbench.Result) { r.Void = ancmbench.VoidWrongModel }, "wrong model"},
		"1 % errors":         {func(n int, r *ancmbench.Result) { r.Outcomes.OK -= r.Outcomes.Due / 100 }, "head: 1.0 % of the requests"},
		"0.5 % errors":       {func(n int, r *ancmbench.Result) { r.Outcomes.OK -= r.Outcomes.Due / 200 }, ""},
		"one void of errors": {func(n int, r *ancmbench.Result) { r.Void = map[bool]string{true: ancmbench.VoidErrors}[n == 7] }, "too many errors"},
		"died":               {func(n int, r *ancmbench.Result) { r.Void = map[bool]string{true: ancmbench.VoidDied}[n == 7] }, "died"},
		"saturated":          {warn(ancmbench.WarnGeneratorBusy, ""), "the generator was saturated in 20 of 20 fresh starts"},
		"rate":               {warn(ancmbench.WarnRateNotReached, ""), "rate was not reached"},
		"late":               {warn(ancmbench.WarnLag, ""), "generator was late"},
		"late at the p99":    {warn(ancmbench.WarnLag, "p99"), ""},
		"shed":               {warn(ancmbench.WarnShed, ""), "not sent"},
		"late once": {func(n int, r *ancmbench.Result) {
			if n == 3 {
				warn(ancmbench.WarnLag, "")(n, r)
			}
		}, ""},
		"one void of lateness":   {func(n int, r *ancmbench.Result) { r.Void = map[bool]string{true: ancmbench.VoidLate}[n == 7] }, ""},
		"many void of lateness":  {func(n int, r *ancmbench.Result) { r.Void = map[bool]string{true: ancmbench.VoidLate}[n%3 == 0] }, "generator late"},
		"everything is void":     {func(n int, r *ancmbench.Result) { r.Void = ancmbench.VoidRate }, "rate not reached"},
		"one stopped":            {func(n int, r *ancmbench.Result) { r.Void = map[bool]string{true: ancmbench.VoidStopped}[n == 19] }, ""},
		"a void reason of later": {func(n int, r *ancmbench.Result) { r.Void = "aliens" }, "aliens"},
	} {
		run := *same
		run.Results = slices.Clone(same.Results)
		head(&run, c.change)
		v := judged(t, Gate{}, &run, nil)
		got := strings.Join(v.Reasons, "; ")
		switch {
		case c.reason == "" && v.Outcome != Pass:
			t.Errorf("%s: %s, %s", name, v.Outcome, got)
		case c.reason != "" && (v.Outcome != Invalid || v.ExitCode != ExitInvalid || !strings.Contains(got, c.reason)):
			t.Errorf("%s: %s, exit %d, %q", name, v.Outcome, v.ExitCode, got)
		}
	}
	failed := example.GateRun(nil)
	failed.State, failed.Reason = ancmbench.Failed, "the head did not start"
	if v := judged(t, Gate{}, failed, nil); v.Outcome != Invalid || !strings.Contains(v.Reasons[0], "did not start") {
		t.Errorf("failed run: %s, %v", v.Outcome, v.Reasons)
	}
	failed.Reason = "" // as a file that may be shown to everybody has it
	if v := judged(t, Gate{}, failed, nil); !strings.HasSuffix(v.Headline(), "the run failed before its end") {
		t.Errorf("failed run without a reason: %s", v.Headline())
	}
	if v := judged(t, Gate{AllowInconclusive: true}, failed, nil); v.ExitCode != ExitInvalid {
		t.Error("invalid is not let pass where no decision is")
	}
}

// Another fault in the same run, repeated and then right, is no fault.
func TestRepeatedTrialIsValid(t *testing.T) {
	run := example.GateRun(nil)
	bad := run.Results[1]
	bad.Void = ancmbench.VoidErrors
	run.Results = append([]ancmbench.Result{bad}, run.Results...)
	if v := judged(t, Gate{}, run, nil); v.Outcome != Pass {
		t.Errorf("%s, %v", v.Outcome, v.Reasons)
	}
}

// What was decided stays so whatever the run does after; and a run that goes on
// is asked to, until it is decided.
func TestVerdictIsFinal(t *testing.T) {
	for _, factor := range []float64{1, 1.06} {
		whole := example.GateRun(func(s *example.Scene) { s.Arms[1].Median = example.ScaledBy(s.Arms[1].Median, factor); s.Own = 0.025 })
		final := judged(t, Gate{}, whole, nil)
		if final.More || final.Launches+final.Unused != 20 {
			t.Errorf("at the end: more %v, %d + %d launches", final.More, final.Launches, final.Unused)
		}
		growing := *whole
		growing.State = ancmbench.Running
		for n := 1; n <= min(20, final.Launches+2); n++ {
			growing.Results = slices.DeleteFunc(slices.Clone(whole.Results), func(r ancmbench.Result) bool { return r.Launch >= n })
			v := judged(t, Gate{}, &growing, nil)
			if v.More != (n < final.Launches) {
				t.Errorf("after %d launches more is %v, and it is decided at %d", n, v.More, final.Launches)
			}
			if !v.More && (v.Outcome != final.Outcome || !reflect.DeepEqual(v.Metrics, final.Metrics)) {
				t.Errorf("after %d launches %s, at the end %s", n, v.Outcome, final.Outcome)
			}
		}
	}
}

// A run of a server and its copy alone is a gate too: A/A, which must not fail.
func TestGateOfTwins(t *testing.T) {
	whole := example.GateRun(nil)
	named := judged(t, Gate{Target: "base (twin)"}, whole, nil)
	alone := example.GateRun(func(s *example.Scene) { s.Arms = slices.Delete(s.Arms, 1, 2) })
	v := judged(t, Gate{}, alone, nil)
	if named.Outcome != Pass || v.Outcome != Pass || v.Target != "base (twin)" {
		t.Errorf("named: %s; alone: %s of %s, %v", named.Outcome, v.Outcome, v.Target, v.Reasons)
	}
	if m := v.Metrics[0]; m.Best == nil || m.Best.From != "fresh starts" {
		t.Errorf("the twin stands for its own noise: %+v", m.Best)
	}
	if launches, err := (Gate{}).Recorded(alone); err != nil || len(launches) != 20 {
		t.Errorf("%d launches recorded, %v", len(launches), err)
	}
}

// One failing metric of many is tested at alpha/m, and the level says so.
func TestHolm(t *testing.T) {
	run := example.GateRun(func(s *example.Scene) { s.Arms[1].Median, s.Own = example.ScaledBy(s.Arms[1].Median, 1.3), 0.001 })
	v := judged(t, Gate{}, run, nil)
	levels := []int{}
	for _, m := range v.Gated() {
		if m.Outcome == Fail {
			levels = append(levels, m.HolmLevel)
		}
	}
	slices.Sort(levels)
	if !slices.Equal(levels, []int{2, 3}) {
		t.Errorf("levels of the failed metrics %v, want 3 and then 2", levels)
	}
	if m := v.metric(t, "cpu_seconds_per_request"); m.Outcome == Fail {
		t.Errorf("CPU: %s", m.Why)
	}
	one := judged(t, Gate{Metrics: []GatedMetric{{Name: "response_p50_seconds", Margin: 0.05}}}, run, nil)
	if one.Metrics[0].HolmLevel != 1 {
		t.Errorf("one metric is tested at alpha/%d", one.Metrics[0].HolmLevel)
	}
}

// The duel shows less than the true effect of how long a request takes, and the
// margin shrinks with it; CPU is charged to the process that used it, and shows whole.
func TestAttenuationShrinksTheMargin(t *testing.T) {
	run := example.GateRun(func(s *example.Scene) { s.Arms[1].Median = example.ScaledBy(s.Arms[1].Median, 1.032); s.Own = 0.004 })
	if v := judged(t, Gate{}, run, nil); v.Outcome != Pass {
		t.Fatalf("3 %% in slices: %s, %v", v.Outcome, v.Reasons)
	}
	for _, r := range slices.Clone(run.Results) {
		r.Phase, r.Dealing.Kind, r.Trial = "duel", ancmbench.Duel, r.Trial+1000
		run.Results = append(run.Results, r)
	}
	v := judged(t, Gate{Attenuation: 0.6}, run, nil)
	p50, cpu := v.metric(t, "response_p50_seconds"), v.metric(t, "cpu_seconds_per_request")
	if p50.Phase != "duel" || p50.Attenuation != 0.6 || cpu.Phase != "duel" || cpu.Attenuation != 1 {
		t.Errorf("p50 from %s at %v, CPU from %s at %v", p50.Phase, p50.Attenuation, cpu.Phase, cpu.Attenuation)
	}
	if p50.Outcome != Fail {
		t.Errorf("3.2 %% seen at 0.6 is 5.3 %%: %s, %s", p50.Outcome, p50.Why)
	}
	example.Near(t, "margin as seen", p50.seenMargin(), math.Pow(1.05, 0.6)-1)
}

func TestServersWithoutProcesses(t *testing.T) {
	run := example.GateRun(func(s *example.Scene) {
		for i := range s.Arms {
			s.Arms[i].Roles = nil
		}
	})
	v := judged(t, Gate{}, run, nil)
	if v.Outcome != Pass || len(v.Notes) != 1 || !strings.Contains(v.Notes[0], "CPU per request is not gated") {
		t.Errorf("%s, notes %q", v.Outcome, v.Notes)
	}
	v = judged(t, Gate{Metrics: DefaultMetrics()}, run, nil)
	if v.Outcome != Inconclusive || v.metric(t, "cpu_seconds_per_request").Outcome != Inconclusive {
		t.Errorf("CPU asked for and not there: %s, %v", v.Outcome, v.Reasons)
	}
}

func TestGateRefuses(t *testing.T) {
	run := example.GateRun(nil)
	for name, g := range map[string]Gate{
		"metric": {Metrics: []GatedMetric{{Name: "happiness", Margin: 0.05}}}, "margin": {Metrics: []GatedMetric{{Name: "response_p50_seconds"}}},
		"plan": {Plan: stats.Plan{First: 2}}, "target": {Target: "tail"}, "form": {Form: "x"}, "stored": {Form: PenaltyAgainstStored},
		"attenuation": {Attenuation: 1.5}, "errors": {MaxErrorShare: 2}, "no budget": {Form: BudgetsOnly},
	} {
		if v, err := g.Judge(run, nil); err == nil {
			t.Errorf("%s: was judged: %s", name, v.Outcome)
		}
	}
	if _, err := (Gate{}).Judge(nil, nil); err == nil {
		t.Error("no run was judged")
	}
	two := example.Three().Run()
	if _, err := (Gate{}).Judge(two, nil); err == nil || !strings.Contains(err.Error(), "out-of-process and far") {
		t.Errorf("two targets: %v", err)
	}
}

// Where the generator itself says that its lag shows in response time, service
// time is gated, and the lag is no fault.
func TestServiceTimeWhereTheGeneratorIsLate(t *testing.T) {
	run := example.GateRun(func(s *example.Scene) { s.Arms[1].Median = example.ScaledBy(s.Arms[1].Median, 1.1) })
	for i := range run.Results {
		run.Results[i].Warnings = []ancmbench.Warning{{Code: ancmbench.WarnLag}, {Code: ancmbench.WarnServiceHeadline}}
	}
	v := judged(t, Gate{}, run, nil)
	if v.Outcome != Fail || v.metric(t, "service_p90_seconds").Outcome != Fail || v.metric(t, "service_p50_seconds").Outcome != Fail {
		t.Errorf("%s, %v", v.Outcome, v.Reasons)
	}
	if v := judged(t, Gate{Metrics: DefaultMetrics()}, run, nil); v.Metrics[0].Metric != "response_p50_seconds" {
		t.Error("response time was asked for by name")
	}
}

// What fewer fresh starts were asked for than the plan has is what is said.
func TestVerdictSaysHowManyWereAsked(t *testing.T) {
	run := example.GateRun(nil)
	for asked, want := range map[int]string{3: " of at most 3,", 0: " of at most 20,", 40: " of at most 20,"} {
		run.Profile.Launches = asked
		v := judged(t, Gate{}, run, nil)
		if got := v.Conditions(); !strings.Contains(got, want) {
			t.Errorf("%d asked: %q lacks %q", asked, got, want)
		}
	}
}
