package render

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
)

// before reads a results file that an earlier version wrote: 2026-11-30, revision
// 53cc3b6. They are kept as they are; a version that cannot read them is at fault.
func before(t *testing.T, name string) *ancmbench.Run {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "before", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	run, err := ancmbench.DecodeRun(b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return run
}

// What an earlier version stated of its results files, this version states too.
func TestResultsOfBeforeSayWhatTheySaid(t *testing.T) {
	for name, want := range map[string]struct {
		ratios map[string]float64 // by phase, metric and target
		// warnings are codes that it raised, and how often.
		warnings map[ancmbench.WarningCode]int
	}{
		"smoke": {map[string]float64{
			"cold-start cold_start_seconds out-of-process": 2.424275560566215, "latency response_p50_seconds out-of-process": 2.9719320110565977,
			"latency cpu_seconds_per_request out-of-process": 3.0347581986878844, "peak throughput_per_second out-of-process": 0.4900431040847949,
			"memory memory_loaded_bytes out-of-process": 1.1103151513173921,
		}, map[ancmbench.WarningCode]int{ancmbench.WarnArrivals: 2, ancmbench.WarnRunQueue: 6, ancmbench.WarnDrift: 1, ancmbench.WarnFewLaunches: 1}},
		"curve": {map[string]float64{
			"cpu 0 response_p50_seconds out-of-process": 2.2931955444385945, "cpu 1ms response_p50_seconds out-of-process": 1.0800978134964547,
			"cpu 1ms cpu_seconds_per_request out-of-process": 1.081017264083924,
		}, map[ancmbench.WarningCode]int{ancmbench.WarnNotWarm: 1, ancmbench.WarnBackgroundCPU: 1, ancmbench.WarnRunQueue: 8}},
		"rungs": {map[string]float64{
			"latency response_p50_seconds in-process": 1.8755211352402246, "latency response_p50_seconds relay": 3.533769292532935,
			"latency cpu_seconds_per_request bare": 2.7825346552688646, "latency cpu_seconds_per_request out-of-process": 2.7361305928601,
		}, map[ancmbench.WarningCode]int{ancmbench.WarnRateNotReached: 8, ancmbench.WarnLag: 2, ancmbench.WarnFewSamples: 4}},
		"gate": {map[string]float64{
			"slices response_p50_seconds head": 0.996552430126456, "duel response_p50_seconds head": 0.9891078300909042,
			"duel cpu_seconds_per_request head": 1.0609007130864783,
		}, map[ancmbench.WarningCode]int{ancmbench.WarnContinuous: 1, ancmbench.WarnRunQueue: 28}},
	} {
		run := before(t, name)
		a := analysed(t, run)
		got := map[string]float64{}
		for _, s := range a.Statements {
			if s.Ratio != nil {
				got[s.Phase+" "+s.Metric+" "+s.Target] = s.Ratio.Value
			}
		}
		for of, ratio := range want.ratios {
			if math.Abs(got[of]-ratio) > 1e-9*ratio {
				t.Errorf("%s: %s is %v, and was %v", name, of, got[of], ratio)
			}
		}
		counts := map[ancmbench.WarningCode]int{}
		for _, w := range a.Warnings {
			counts[w.Code] = w.Count
		}
		for code, n := range want.warnings {
			if counts[code] != n {
				t.Errorf("%s: %s is raised %d times, and was %d", name, code, counts[code], n)
			}
		}
	}
}

// Every report can be made of them, with no placeholder left in it.
func TestResultsOfBeforeHaveEveryReport(t *testing.T) {
	for _, name := range []string{"smoke", "curve", "rungs", "gate"} {
		run := before(t, name)
		a := analysed(t, run)
		reports := map[string]string{
			"text":     filled(t, func(b *bytes.Buffer) error { return Text(b, run, a, page.Options{AllMetrics: true}) }),
			"html":     filled(t, func(b *bytes.Buffer) error { return HTML(b, run, a) }),
			"json":     filled(t, func(b *bytes.Buffer) error { return JSON(b, run, a, "") }),
			"csv":      filled(t, func(b *bytes.Buffer) error { return CSV(b, run) }),
			"benchfmt": filled(t, func(b *bytes.Buffer) error { return Benchfmt(b, figures.NamedRun{Run: run}) }),
		}
		reports["html"] = readable(reports["html"])
		for format, text := range reports {
			for _, target := range run.Targets {
				if !strings.Contains(text, target.Name) {
					t.Errorf("%s as %s lacks %s", name, format, target.Name)
				}
			}
			for _, bad := range []string{"{value}", "{bound}", "{detail}", "%!", "NaN"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s as %s has %q in it", name, format, bad)
				}
			}
		}
	}
}

// They can be set beside others, and a gate can compare with them.
func TestResultsOfBeforeCanBeComparedAndJudged(t *testing.T) {
	smoke, curve := before(t, "smoke"), before(t, "curve")
	c := compared(t, figures.NamedRun{Label: "then", Run: smoke}, figures.NamedRun{Label: "again", Run: before(t, "smoke")})
	if r := rowOf(t, c, "response_p50_seconds"); len(r.Changes) != 1 || r.Changes[0] == nil || math.Abs(r.Changes[0].Value-1) > 1e-12 {
		t.Errorf("a run of before against itself: %+v", r)
	}
	if c := compared(t, figures.NamedRun{Label: "then", Run: smoke}, figures.NamedRun{Label: "other", Run: curve}); len(c.Rows) == 0 {
		t.Error("two runs of before have no row in common")
	}
	v := judged(t, gate.Gate{}, before(t, "gate"), nil)
	outcomes := map[string]gate.Outcome{}
	for _, m := range v.Metrics {
		outcomes[m.Metric] = m.Outcome
	}
	if v.Outcome != gate.Inconclusive || outcomes["response_p50_seconds"] != gate.Pass || outcomes["response_p90_seconds"] != gate.Inconclusive {
		t.Errorf("the gate said inconclusive, with a pass of p50; now %s, %v", v.Outcome, outcomes)
	}
	stored := gate.Gate{Form: gate.PenaltyAgainstStored, Target: "out-of-process", Metrics: []gate.GatedMetric{{Name: "response_p50_seconds", Margin: 0.05}}}
	if v := judged(t, stored, before(t, "smoke"), smoke); v.Outcome == gate.Invalid && strings.Contains(strings.Join(v.Reasons, " "), "instead of") {
		t.Errorf("a run of before is not like itself: %v", v.Reasons)
	}
	if _, err := figures.Predict(curve, figures.Question{AppTime: 0.5e-3, Rate: 800}); err != nil {
		t.Errorf("predict: %v", err)
	}
}
