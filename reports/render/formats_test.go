package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/internal/example"
)

// promSample is one line of the Prometheus text format.
type promSample struct {
	name   string
	labels map[string]string
	value  float64
}

var (
	promLine  = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	promLabel = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)`)
)

// readProm reads the Prometheus text format by its grammar, and fails on what a collector
// refuses: a sample before its type, a family in two places, the same labels twice.
func readProm(text string) (out []promSample, err error) {
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, errors.New("the last line has no end")
	}
	family, typed, done, seen := "", false, map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if help, ok := strings.CutPrefix(line, "# HELP "); ok {
			done[family] = true
			family, _, _ = strings.Cut(help, " ")
			if typed = false; done[family] {
				return nil, fmt.Errorf("%s has two families", family)
			}
			continue
		}
		if kind, ok := strings.CutPrefix(line, "# TYPE "); ok {
			if typed = kind == family+" gauge"; !typed {
				return nil, fmt.Errorf("type %q in family %s", kind, family)
			}
			continue
		}
		m := promLine.FindStringSubmatch(line)
		if m == nil || m[1] != family || !typed || seen[m[1]+m[2]] {
			return nil, fmt.Errorf("in family %s: %q", family, line)
		}
		seen[m[1]+m[2]] = true
		s := promSample{name: m[1], labels: map[string]string{}}
		for rest := m[2]; rest != ""; {
			l := promLabel.FindStringSubmatch(rest)
			if l == nil || s.labels[l[1]] != "" {
				return nil, fmt.Errorf("labels of %q", line)
			}
			s.labels[l[1]], rest = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(l[2]), rest[len(l[0]):]
		}
		if s.value, err = strconv.ParseFloat(m[3], 64); err != nil || math.IsNaN(s.value) || math.IsInf(s.value, 0) {
			return nil, fmt.Errorf("value of %q: %v", line, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func promOf(t *testing.T, text string) []promSample {
	t.Helper()
	out, err := readProm(text)
	if err != nil || len(out) == 0 {
		t.Fatalf("%d samples, %v, in\n%s", len(out), err, text)
	}
	return out
}

// valueOf returns the one sample with a name and these labels, given as "a=b".
func valueOf(t *testing.T, samples []promSample, name string, labels ...string) float64 {
	t.Helper()
	var found []float64
	for _, s := range samples {
		if s.name == name && !slices.ContainsFunc(labels, func(l string) bool { k, v, _ := strings.Cut(l, "="); return s.labels[k] != v }) {
			found = append(found, s.value)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d samples of %s with %v", len(found), name, labels)
	}
	return found[0]
}

func TestPrometheusHasEveryFigure(t *testing.T) {
	run := example.Models().Run()
	a := analysed(t, run)
	samples := promOf(t, filled(t, func(b *bytes.Buffer) error { return Prometheus(b, run, a) }))
	for _, s := range a.Series {
		if got := valueOf(t, samples, "ancmbench_"+strings.ReplaceAll(s.Metric, ".", "_"), "target="+s.Target, "phase="+s.Phase); got != s.Center.Value {
			t.Errorf("%s of %s is %v, want %v", s.Metric, s.Target, got, s.Center.Value)
		}
	}
	ratio := statement(t, a, ancmbench.PeakThroughput, "out-of-process").Penalty()
	of := []string{"metric=" + ancmbench.PeakThroughput, "target=out-of-process"}
	low, value, high := valueOf(t, samples, "ancmbench_penalty_ratio_low", of...), valueOf(t, samples, "ancmbench_penalty_ratio", of...), valueOf(t, samples, "ancmbench_penalty_ratio_high", of...)
	if value != ratio.Value || low != ratio.Interval.Low || high != ratio.Interval.High || value < 1 {
		t.Errorf("the penalty in throughput is %v [%v, %v], want %+v", value, low, high, ratio)
	}
	if got := valueOf(t, samples, "ancmbench_run_fresh_starts", "profile=quick", "subject="+string(run.Subject)); got != 6 {
		t.Errorf("%v fresh starts", got)
	}
}

// No name makes a line that a collector refuses, and no run does.
func TestPrometheusIsAlwaysReadable(t *testing.T) {
	hostile := example.Models().Run()
	hostile.Profile.Name = "a\\b\"c\n# HELP d"
	runs := map[string]*ancmbench.Run{"hostile": hostile, "curve": example.CurveRun(), "killed": example.Killed(), "loud": loud(), "ladder": example.Ladder().Run()}
	for _, name := range []string{"smoke", "curve", "rungs", "gate"} {
		runs["before "+name] = before(t, name)
	}
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			a := analysed(t, run)
			promOf(t, filled(t, func(b *bytes.Buffer) error { return Prometheus(b, run, a) }))
			c := compared(t, figures.NamedRun{Label: "x", Run: run}, figures.NamedRun{Label: "y\"", Run: run})
			promOf(t, filled(t, func(b *bytes.Buffer) error { return ComparePrometheus(b, c) }))
			v, err := gate.Gate{}.Judge(run, nil)
			if err != nil {
				return // of this run there is none
			}
			promOf(t, filled(t, func(b *bytes.Buffer) error { return GatePrometheus(b, v) }))
		})
	}
	samples := promOf(t, filled(t, func(b *bytes.Buffer) error { return NoVerdict{Why: "x", ExitCode: 1}.Prometheus(b) }))
	if valueOf(t, samples, "ancmbench_gate_outcome", "outcome=error") != 1 || valueOf(t, samples, "ancmbench_gate_outcome", "outcome=pass") != 0 {
		t.Errorf("no verdict: %v", samples)
	}
	for _, bad := range []string{"x 1\n", "# HELP x y\n# TYPE x gauge\nx{a=\"b} 1\n", "# HELP x y\n# TYPE x gauge\nx 1\nx 1\n", "# HELP x y\n# TYPE x gauge\nx NaN\n", "# HELP x y\n# TYPE x gauge\nx 1"} {
		if _, err := readProm(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// rowsOf reads a table with a header, as maps.
func rowsOf(t *testing.T, text string) (out []map[string]string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func asIs(s string) string { return s }

// What compare and gate write as CSV and JSON are their figures, exactly.
func TestComparisonsAndVerdictsReadBack(t *testing.T) {
	run := example.Models().Run()
	other := example.Independent(1.1, 1).Run()
	c := compared(t, figures.NamedRun{Label: "1: a", Run: run}, figures.NamedRun{Label: "2: b", Run: other})
	rows := rowsOf(t, filled(t, func(b *bytes.Buffer) error { return CompareCSV(b, c, asIs) }))
	if len(rows) != 2*len(c.Rows) {
		t.Fatalf("%d lines for %d rows of two runs", len(rows), len(c.Rows))
	}
	for i, r := range c.Rows {
		for k, line := range rows[2*i : 2*i+2] {
			if line["run"] != c.Labels[k] || line["metric"] != r.Metric || r.Values[k] != nil && line["value"] != exact(r.Values[k].Value) {
				t.Errorf("line %v is not %+v", line, r)
			}
		}
		if e := r.Changes[0]; e != nil && (rows[2*i+1]["change"] != exact(e.Value) || rows[2*i+1]["change_high"] != exact(e.Interval.High)) {
			t.Errorf("change of %v is not %+v", rows[2*i+1], e)
		}
	}
	var doc ComparisonDocument
	if err := json.Unmarshal([]byte(filled(t, func(b *bytes.Buffer) error { return CompareJSON(b, c) })), &doc); err != nil || doc.Version != DocumentVersion || len(doc.Rows) != len(c.Rows) || doc.Rows[0].Values[0].Value != c.Rows[0].Values[0].Value {
		t.Errorf("JSON: %v, %+v", err, doc)
	}
	v := judged(t, gate.Gate{}, example.GateRun(nil), nil)
	rows = rowsOf(t, filled(t, func(b *bytes.Buffer) error { return GateCSV(b, v, asIs) }))
	if len(rows) != len(v.Metrics) {
		t.Fatalf("%d lines for %d metrics", len(rows), len(v.Metrics))
	}
	for i, m := range v.Metrics {
		if rows[i]["metric"] != m.Metric || rows[i]["outcome"] != string(m.Outcome) || rows[i]["ratio"] != exact(m.Ratio.Value) || rows[i]["margin_share"] != exact(m.Margin) || rows[i]["gate_outcome"] != string(v.Outcome) {
			t.Errorf("line %v is not %+v", rows[i], m)
		}
	}
}

// The percentiles are those of one target, which must be named where there are several.
func TestPercentilesAreOfOneTarget(t *testing.T) {
	run := example.Models().Run()
	a := analysed(t, run)
	var needed *TargetNeeded
	if err := Percentiles(new(bytes.Buffer), run, a, ""); !errors.As(err, &needed) || len(needed.Targets) != 2 {
		t.Errorf("without a target: %v", err)
	}
	if err := Percentiles(new(bytes.Buffer), run, a, "nobody"); !errors.As(err, &needed) {
		t.Errorf("of nobody: %v", err)
	}
	text := filled(t, func(b *bytes.Buffer) error { return Percentiles(b, run, a, "out-of-process") })
	median := 0.0
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) == 4 && f[1] == "0.500000" {
			median, _ = strconv.ParseFloat(f[0], 64)
		}
	}
	want := statement(t, a, "response_p50_seconds", "out-of-process").Other.Value * 1000
	if math.Abs(median-want) > 0.1*want || !strings.HasPrefix(text, "#[response times of out-of-process in ms") {
		t.Errorf("the median is %v ms, want about %v, in\n%.300s", median, want, text)
	}
}

// Markdown has the answer, the rows and every warning of the screen.
func TestMarkdownHasTheAnswer(t *testing.T) {
	for name, run := range map[string]*ancmbench.Run{"models": example.Models().Run(), "loud": loud(), "three": example.Three().Run()} {
		a := analysed(t, run)
		text := filled(t, func(b *bytes.Buffer) error { return Markdown(b, run, a) })
		for _, want := range []string{"### ", "loopback penalty", "| CPU per request |", "trust: ", "repeat: ancmbench run"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
		if n := strings.Count(text, "Fix: "); n != len(a.Warnings) {
			t.Errorf("%s has %d of %d warnings", name, n, len(a.Warnings))
		}
	}
}
