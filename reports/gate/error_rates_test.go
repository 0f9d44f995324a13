package gate

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

func ratesOf(t *testing.T, r Resampling) *ErrorRates {
	t.Helper()
	rates, err := r.Rates()
	if err != nil {
		t.Fatal(err)
	}
	return rates
}

// The table of error rates that is promised, through the whole gate.
func TestErrorRates(t *testing.T) {
	launches := example.Recordings[RecordedLaunch](120, 0.035)
	same := ratesOf(t, Resampling{Launches: launches, Seed: 1})
	for _, m := range same.Metrics {
		t.Logf("A/A: %s fails falsely in %s, SD %.1f %%", m.Metric, m.Fail, 100*m.SD)
		if m.Fail.High > 0.01 || !m.Bias.Interval.Holds(1) {
			t.Errorf("%s: false failures %s, bias %+v", m.Metric, m.Fail, m.Bias)
		}
	}
	if same.Fail.High > 0.01 || same.Pass.Share < 0.95 || same.Pass.Count+same.Fail.Count+same.Inconclusive.Count != same.Runs {
		t.Errorf("A/A: fail %s, pass %s, no decision %s", same.Fail, same.Pass, same.Inconclusive)
	}
	for i, metric := range []string{"response_p50_seconds", "response_p90_seconds", "cpu_seconds_per_request"} {
		r := ratesOf(t, Resampling{Launches: launches, Seed: 2, Effect: 0.05, Metric: metric})
		m := r.Metrics[i]
		t.Logf("+5 %% in %s: found %s, passed wrongly %s, median %d launches", metric, m.Fail, m.Pass, r.Median)
		if m.Metric != metric || m.Fail.Low < 0.90 || m.Pass.High > 0.05 || r.Fail.Count < m.Fail.Count {
			t.Errorf("+5 %% in %s: found %s, wrong passes %s, gate %s", metric, m.Fail, m.Pass, r.Fail)
		}
		if other := r.Metrics[(i+2)%3]; metric == "cpu_seconds_per_request" && other.Fail.Share > 0.01 {
			t.Errorf("+5 %% in %s fails %s in %s", metric, other.Metric, other.Fail)
		}
	}
}

// The machinery sees a gate or a recording that is wrong.
func TestErrorRatesSeeFaults(t *testing.T) {
	launches := example.Recordings[RecordedLaunch](120, 0.035)
	loose := ratesOf(t, Resampling{Gate: Gate{Plan: stats.Plan{Alpha: 0.2}}, Launches: launches, Runs: 2000, Seed: 1})
	if loose.Fail.Low < 0.01 {
		t.Errorf("a gate at 20 %% fails falsely in only %s", loose.Fail)
	}
	for _, l := range launches {
		v := l["response_p50_seconds"]
		l["response_p50_seconds"] = [2]float64{v[0], v[1] * 1.03}
	}
	biased := ratesOf(t, Resampling{Launches: launches, Runs: 2000, Seed: 1})
	if biased.Metrics[0].Fail.Low < 0.01 || biased.Metrics[0].Bias.Interval.Holds(1) {
		t.Errorf("3 %% of bias: %s false failures, ratio %+v", biased.Metrics[0].Fail, biased.Metrics[0].Bias)
	}
}

// Swapped sides know nothing of the recording's mean, and all of what is injected.
func TestSwappedSides(t *testing.T) {
	launches := example.Recordings[RecordedLaunch](120, 0.035)
	for _, l := range launches {
		v := l["response_p50_seconds"]
		l["response_p50_seconds"] = [2]float64{v[0], v[1] * 0.99}
	}
	r := Resampling{Launches: launches, Runs: 2000, Seed: 1, Effect: 0.05, Metric: "response_p50_seconds"}
	asRecorded := ratesOf(t, r)
	r.Swap = true
	swapped := ratesOf(t, r)
	if swapped.Metrics[0].Fail.Low <= asRecorded.Metrics[0].Fail.High || swapped.Metrics[0].Fail.Share < 0.9 {
		t.Errorf("found %s as recorded, %s with sides swapped", asRecorded.Metrics[0].Fail, swapped.Metrics[0].Fail)
	}
	r.Effect, r.Metric = 0, ""
	if same := ratesOf(t, r); same.Fail.Share > 0.01 {
		t.Errorf("nothing injected: %s", same.Fail)
	}
}

func TestErrorRatesLaws(t *testing.T) {
	launches := example.Recordings[RecordedLaunch](40, 0.03)
	r := Resampling{Launches: launches, Runs: 300, Seed: 5}
	if a, b := ratesOf(t, r), ratesOf(t, r); !reflect.DeepEqual(a, b) {
		t.Error("one seed, two answers")
	}
	before := -1
	for _, effect := range []float64{0, 0.02, 0.04, 0.08, 0.2} {
		r.Effect = effect
		n := ratesOf(t, r).Fail.Count
		if n < before {
			t.Errorf("+%v is found %d times, less often than a smaller one (%d)", effect, n, before)
		}
		before = n
	}
	if before != 300 {
		t.Errorf("+20 %% is found in %d of 300", before)
	}
	// A duel that shows half of it has half the margin.
	r.Effect = 0.05
	full := ratesOf(t, r)
	r.Gate.Attenuation = 0.5
	if half := ratesOf(t, r); half.Fail.Count > full.Fail.Count || half.Metrics[2].Fail.Count < 1 {
		t.Errorf("half of the effect is found in %s, all of it in %s", half.Fail, full.Fail)
	}
	r.Gate.Attenuation, r.Block = 0, 4
	ratesOf(t, r)
	missing := example.Recordings[RecordedLaunch](40, 0.03)
	for i := range 10 {
		delete(missing[i], "response_p90_seconds")
	}
	ratesOf(t, Resampling{Launches: missing, Runs: 100})
	for name, bad := range map[string]Resampling{
		"few": {Launches: launches[:10]}, "metric": {Launches: launches, Metric: "memory_idle_bytes"}, "effect": {Launches: launches, Effect: -1},
		"none recorded": {Launches: launches, Gate: Gate{Metrics: []GatedMetric{{Name: "recovery_seconds", Margin: 0.1}}}},
		"plan":          {Launches: launches, Gate: Gate{Plan: stats.Plan{First: 1}}}, "block": {Launches: launches, Block: 99}, "runs": {Launches: launches, Runs: -1},
	} {
		if _, err := bad.Rates(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRecordedLaunches(t *testing.T) {
	run := example.GateRun(nil)
	launches, err := Gate{}.Recorded(run)
	if err != nil || len(launches) != 20 || len(launches[0]) != 4 {
		t.Fatalf("%d launches, %v", len(launches), err)
	}
	var b bytes.Buffer
	if err := WriteLaunches(&b, launches); err != nil {
		t.Fatal(err)
	}
	if n := b.Len() / len(launches); n > 220 {
		t.Errorf("%d bytes per launch are not compact", n)
	}
	back, err := ReadLaunches(strings.NewReader("\n" + b.String()))
	if err != nil || !reflect.DeepEqual(back, launches) {
		t.Errorf("round trip: %v", err)
	}
	for text, says := range map[string]string{
		"{}": "no metric", "{": "line 1", `{"x":[1,2]}`: "unknown metric", `{"response_p50_seconds":[1,0]}`: "positive",
		`{"response_p50_seconds":[1,-2]}`: "positive", `{"response_p50_seconds":3}`: "line 1", strings.Repeat("x", 1<<17): "too long",
		"\n\n{}\n{}": "line 4",
	} {
		if _, err := ReadLaunches(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzReadLaunches(f *testing.F) {
	f.Add([]byte("{\"response_p50_seconds\":[1e-4,2e-4]}\n"))
	f.Add([]byte("{\"response_p50_seconds\":[1e-4,2e-4,3]}\nnull\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		launches, err := ReadLaunches(bytes.NewReader(b))
		if err != nil {
			return
		}
		var w bytes.Buffer
		if err := WriteLaunches(&w, launches); err != nil {
			t.Fatal(err)
		}
		back, err := ReadLaunches(&w)
		if err != nil || len(back) != len(launches) || len(back) > 0 && !reflect.DeepEqual(back, launches) {
			t.Fatalf("round trip of %q: %v", b, err)
		}
	})
}
