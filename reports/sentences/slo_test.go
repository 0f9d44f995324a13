package sentences

import (
	"math"
	"strings"
	"testing"

	"ancmbench/reports/figures"
)

// What lies beyond the rates swept is bounded by them, on the side that is known, and
// never stated as a ratio.
func TestBeyondTheRatesSwept(t *testing.T) {
	never, always := 0.0, math.Inf(1)
	const half = 316.2278 // 5 ms, between 1 ms at 100 and 25 ms at 1000, in logs
	for name, c := range map[string]struct {
		limits      [][2]float64
		base, other string
		ratio       string
		least, most float64 // 0 is none
	}{
		"within":             {[][2]float64{{10000, 1000}, {10000, 1000}}, "3,160 req/s", "316 req/s", "10.0x less [10.0, 10.0]", 0, 0},
		"baseline past":      {[][2]float64{{always, 1000}, {always, 1000}}, "> 10,000 req/s", "316 req/s", "over 31.6x less", 0, half / 10000},
		"baseline past once": {[][2]float64{{always, 1000}}, "> 10,000 req/s", "316 req/s", "over 31.6x less", 0, half / 10000},
		"target past":        {[][2]float64{{1000, always}, {1000, always}}, "316 req/s", "> 10,000 req/s", "over 31.6x", 10000 / half, 0},
		"target under":       {[][2]float64{{1000, never}, {1000, never}}, "316 req/s", "< 100 req/s", "over 3.16x less", 0, 100 / half},
		"both past":          {[][2]float64{{always, always}, {always, always}}, "> 10,000 req/s", "> 10,000 req/s", "-", 0, 0},
		"both ways":          {[][2]float64{{always, 1000}, {never, 1000}}, "-", "316 req/s", "-", 0, 0},
		"past in one of two": {[][2]float64{{always, 1000}, {1000, 1000}}, "> 1,780 req/s", "316 req/s", "-", 0, math.Inf(1)},
	} {
		curve := figures.CurveOf(swept(c.limits), "in", "out", figures.DefaultSLO)
		a := &figures.Analysis{Baseline: "in", Targets: []string{"out"}, Curve: []figures.Curve{curve}}
		row := SLORow(a, "out")
		if row[1] != c.base || row[2] != c.other || row[4] != c.ratio {
			t.Errorf("%s: %q", name, row)
		}
		bounded := strings.ContainsAny(row[1]+row[2], "<>")
		if (curve.SLORatio == nil) != (name != "within") || !strings.Contains(SLONote(a), "64 connections") ||
			strings.Contains(SLONote(a), "beyond its rates") != bounded || SLOSentence(&curve) == "" {
			t.Errorf("%s: ratio %+v, note %q, %q", name, curve.SLORatio, SLONote(a), SLOSentence(&curve))
		}
		for what, got := range map[string][2]float64{"least": {value0(curve.SLORatioAtLeast), c.least}, "most": {value0(curve.SLORatioAtMost), c.most}} {
			if math.IsInf(got[1], 1) && got[0] > 1 { // the interval of two fresh starts is wide
				continue
			}
			if math.Abs(got[0]-got[1]) > 1e-4*got[1] {
				t.Errorf("%s: at %s %v, want %v", name, what, got[0], got[1])
			}
		}
	}
	if a := new(figures.Analysis); SLORow(a, "out") != nil || SLONote(a) != "" {
		t.Errorf("a row without a sweep: %q %q", SLORow(a, "out"), SLONote(a))
	}
}

func value0(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
