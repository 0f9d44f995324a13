package render

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/page"
)

func compareText(t *testing.T, c *figures.Comparison) string {
	t.Helper()
	return filled(t, func(b *bytes.Buffer) error { return CompareText(b, c, page.Options{}) })
}

func TestCompare(t *testing.T) {
	c := compared(t, figures.NamedRun{Label: "monday", Run: example.StoredRun(1, 8, 1)}, figures.NamedRun{Label: "tuesday", Run: example.StoredRun(2, 8, 1)}, figures.NamedRun{Label: "wednesday", Run: example.StoredRun(3, 8, 1.2)})
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
	two := compared(t, figures.NamedRun{Label: "monday", Run: example.StoredRun(1, 8, 1)}, figures.NamedRun{Label: "wednesday", Run: example.StoredRun(3, 8, 1.2)})
	golden(t, "compare.md", []byte(filled(t, func(b *bytes.Buffer) error { return CompareMarkdown(b, two) })))
}

// Comparing a run with itself changes nothing, and turning two round turns the
// ratio round.
func TestCompareLaws(t *testing.T) {
	a, b := example.StoredRun(1, 6, 1), example.StoredRun(2, 7, 1.1)
	self := compared(t, figures.NamedRun{Label: "a", Run: a}, figures.NamedRun{Label: "a", Run: a})
	there, back := compared(t, figures.NamedRun{Label: "a", Run: a}, figures.NamedRun{Label: "b", Run: b}), compared(t, figures.NamedRun{Label: "b", Run: b}, figures.NamedRun{Label: "a", Run: a})
	for i, r := range self.Rows {
		if r.Changes[0].Value != 1 || !r.Changes[0].Interval.Holds(1) {
			t.Errorf("%s against itself: %+v", r.Metric, r.Changes[0])
		}
		x, y := there.Rows[i].Changes[0], back.Rows[i].Changes[0]
		example.Near(t, r.Metric+" turned round", x.Value*y.Value, 1)
		example.Near(t, r.Metric+" low", x.Interval.Low*y.Interval.High, 1)
	}
	if _, err := figures.Compare([]figures.NamedRun{{Label: "a", Run: a}}); err == nil {
		t.Error("one run was compared")
	}
	if _, err := figures.Compare([]figures.NamedRun{{Label: "a", Run: a}, {Label: "none", Run: &ancmbench.Run{}}}); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("a run of nothing: %v", err)
	}
}

func TestCompareSaysWhatDiffers(t *testing.T) {
	a, b := example.StoredRun(1, 6, 1), example.StoredRun(2, 6, 1)
	for i := range b.Results {
		if b.Results[i].PhaseKind == ancmbench.Latency {
			b.Results[i].Arrivals.Rate = 800
		}
	}
	b.Host.CPUModel = "other"
	c := compared(t, figures.NamedRun{Label: "a", Run: a}, figures.NamedRun{Label: "b", Run: b})
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
		s := example.Models()
		s.Seed, s.Arms = seed, s.Arms[:1]
		return s.Run()
	}
	x, y := alone(1), alone(2)
	if r := rowOf(t, compared(t, figures.NamedRun{Label: "x", Run: x}, figures.NamedRun{Label: "y", Run: y}), "response_p50_seconds"); !r.Absolute || r.Changes[0] == nil {
		t.Errorf("alone: %+v", r)
	}
	y.Host.Cores = 64
	if r := rowOf(t, compared(t, figures.NamedRun{Label: "x", Run: x}, figures.NamedRun{Label: "y", Run: y}), "response_p50_seconds"); r.Changes[0] != nil {
		t.Error("absolute values of two hosts were compared")
	}
	empty := compared(t, figures.NamedRun{Label: "x", Run: &ancmbench.Run{Targets: x.Targets}}, figures.NamedRun{Label: "y", Run: &ancmbench.Run{Targets: x.Targets}})
	if text := compareText(t, empty); !strings.Contains(text, "no counted trial") {
		t.Errorf("two runs of nothing:\n%s", text)
	}
}
