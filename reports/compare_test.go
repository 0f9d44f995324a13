package reports

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ancmbench"
)

func compared(t *testing.T, runs ...NamedRun) *Comparison {
	t.Helper()
	c, err := Compare(runs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func compareText(t *testing.T, c *Comparison) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return CompareText(b, c, TextOptions{}) })
}

func rowOf(t *testing.T, c *Comparison, metric string) ComparedRow {
	t.Helper()
	for _, r := range c.Rows {
		if r.Metric == metric {
			return r
		}
	}
	t.Fatalf("no row of %s", metric)
	return ComparedRow{}
}

func TestCompare(t *testing.T) {
	c := compared(t, NamedRun{"monday", storedRun(1, 8, 1)}, NamedRun{"tuesday", storedRun(2, 8, 1)}, NamedRun{"wednesday", storedRun(3, 8, 1.2)})
	p50 := rowOf(t, c, "response_p50_seconds")
	if p50.Changes[0] == nil || !p50.Changes[0].Interval.Holds(1) {
		t.Errorf("the same, on another day: %+v", p50.Changes[0])
	}
	if e := p50.Changes[1]; e == nil || !e.Interval.Holds(1.2) || e.Interval.Holds(1) {
		t.Errorf("20 %% more: %+v", e)
	}
	if cpu := rowOf(t, c, "cpu_seconds_per_request"); !cpu.Changes[1].Interval.Holds(1) {
		t.Errorf("CPU: %+v", cpu.Changes[1])
	}
	if len(c.Differences) != 0 || len(c.Rows) < 10 {
		t.Errorf("%d rows, differences %q", len(c.Rows), c.Differences)
	}
	golden(t, "compare.txt", []byte(compareText(t, c)))
	two := compared(t, NamedRun{"monday", storedRun(1, 8, 1)}, NamedRun{"wednesday", storedRun(3, 8, 1.2)})
	golden(t, "compare.md", []byte(filled(t, func(b *bytes.Buffer) error { return CompareMarkdown(b, two) })))
}

// Comparing a run with itself changes nothing, and turning two round turns the
// ratio round.
func TestCompareLaws(t *testing.T) {
	a, b := storedRun(1, 6, 1), storedRun(2, 7, 1.1)
	self := compared(t, NamedRun{"a", a}, NamedRun{"a", a})
	there, back := compared(t, NamedRun{"a", a}, NamedRun{"b", b}), compared(t, NamedRun{"b", b}, NamedRun{"a", a})
	for i, r := range self.Rows {
		if r.Changes[0].Value != 1 || !r.Changes[0].Interval.Holds(1) {
			t.Errorf("%s against itself: %+v", r.Metric, r.Changes[0])
		}
		x, y := there.Rows[i].Changes[0], back.Rows[i].Changes[0]
		near(t, r.Metric+" turned round", x.Value*y.Value, 1)
		near(t, r.Metric+" low", x.Interval.Low*y.Interval.High, 1)
	}
	if _, err := Compare([]NamedRun{{"a", a}}); err == nil {
		t.Error("one run was compared")
	}
	if _, err := Compare([]NamedRun{{"a", a}, {"none", &ancmbench.Run{}}}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a run of nothing: %v", err)
	}
}

func TestCompareSaysWhatDiffers(t *testing.T) {
	a, b := storedRun(1, 6, 1), storedRun(2, 6, 1)
	for i := range b.Results {
		if b.Results[i].PhaseKind == ancmbench.Latency {
			b.Results[i].Arrivals.Rate = 800
		}
	}
	b.Host.CPUModel = "other"
	c := compared(t, NamedRun{"a", a}, NamedRun{"b", b})
	if want := []string{"b: phase latency: rate: 800 requests/s instead of 400 requests/s", "b: CPU: other instead of Test CPU"}; !slices.Equal(c.Differences, want) {
		t.Errorf("%q, want %q", c.Differences, want)
	}
	if rowOf(t, c, "response_p50_seconds").Changes[0] != nil {
		t.Error("a change between rates was stated")
	}
	if rowOf(t, c, "throughput_per_second").Changes[0] == nil {
		t.Error("peak throughput has no rate, and no change was stated")
	}
	text := compareText(t, c)
	if !strings.Contains(text, "not stated") || !strings.Contains(text, "differs  b: CPU") {
		t.Errorf("the text does not say so:\n%s", text)
	}
	// Single targets have absolute values, which another host forbids.
	alone := func(seed uint64) *ancmbench.Run {
		s := models()
		s.seed, s.arms = seed, s.arms[:1]
		return s.run()
	}
	x, y := alone(1), alone(2)
	if r := rowOf(t, compared(t, NamedRun{"x", x}, NamedRun{"y", y}), "response_p50_seconds"); !r.Absolute || r.Changes[0] == nil {
		t.Errorf("alone: %+v", r)
	}
	y.Host.Cores = 64
	if r := rowOf(t, compared(t, NamedRun{"x", x}, NamedRun{"y", y}), "response_p50_seconds"); r.Changes[0] != nil {
		t.Error("absolute values of two hosts were compared")
	}
	empty := compared(t, NamedRun{"x", &ancmbench.Run{Targets: x.Targets}}, NamedRun{"y", &ancmbench.Run{Targets: x.Targets}})
	if text := compareText(t, empty); !strings.Contains(text, "nothing that counts") {
		t.Errorf("two runs of nothing:\n%s", text)
	}
}

func TestHistory(t *testing.T) {
	run := small()
	a := analysed(t, run)
	line, err := HistoryLine(run, a, string(Pass))
	if err != nil || bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' || len(line) > 8000 {
		t.Fatalf("%d bytes: %v", len(line), err)
	}
	alone := models()
	alone.arms = alone.arms[:1]
	other := alone.run()
	more, err := HistoryLine(other, analysed(t, other), "")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := ReadHistory(bytes.NewReader(slices.Concat(line, []byte("\n"), more)))
	if err != nil || len(entries) != 2 || !reflect.DeepEqual(entries[0], History(run, a, string(Pass))) {
		t.Fatalf("%d entries: %v", len(entries), err)
	}
	p50 := entries[0].Values[0]
	near(t, "ratio", p50.Ratio.Value, statement(t, a, p50.Metric, p50.Target).Ratio.Value)
	if len(entries[1].Values) == 0 || entries[1].Values[0].Ratio != nil || entries[1].Outcome != "" {
		t.Errorf("alone: %+v", entries[1])
	}
	// A line that was cut off costs itself alone, and is said.
	entries, err = ReadHistory(bytes.NewReader(slices.Concat(line[:100], []byte("\n"), more, []byte(`{"version":99}`))))
	if len(entries) != 1 || err == nil || !strings.Contains(err.Error(), "line 1") || !strings.Contains(err.Error(), "line 3: version 99") {
		t.Errorf("%d entries: %v", len(entries), err)
	}
	golden(t, "history.jsonl", line)
}
