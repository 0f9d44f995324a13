package render

import (
	"strings"
	"testing"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
)

// The note stands where the row does: a table of several targets has none.
func TestRowAndNoteGoTogether(t *testing.T) {
	one := &figures.Analysis{Baseline: "in", Targets: []string{"out"}, Latency: "response", Series: []figures.Series{{Metric: "response_p50_seconds", Target: "in"}},
		Statements: []figures.Statement{{Metric: "throughput_per_second", Title: "peak throughput", Unit: "per second", Target: "out"}},
		Curve:      []figures.Curve{figures.CurveOf(swept([][2]float64{{10000, 1000}, {10000, 1000}}), "in", "out", figures.DefaultSLO)}}
	several := *one
	several.Targets = []string{"out", "other"}
	for _, a := range []*figures.Analysis{one, &several} {
		p := page.NewScreen(page.Options{})
		p.Raw(headlineTable(a, 100))
		writeNotes(p, a)
		got := p.Buf.String()
		row, note := strings.Contains(got, "3,160 req/s"), strings.Contains(got, "over 64 connections")
		if row != note || row != (a == one) {
			t.Errorf("%d targets: row %v, note %v:\n%s", len(a.Targets), row, note, got)
		}
	}
}
