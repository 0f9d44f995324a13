package reports

import (
	"math"
	"strings"
	"testing"

	"ancmbench"
)

// swept are launches of a sweep whose p99 is 1 ms below a target's limit and 25 ms at
// it and above; a limit of 0 is broken at every rate.
func swept(limits [][2]float64) []CurvePoint {
	var out []CurvePoint
	for launch, l := range limits {
		for _, rate := range []float64{100, 1000, 10000} {
			p99 := func(limit float64) PointValue {
				v := PointValue{P50: 1e-4, P99: 1e-3, Samples: 2000}
				if rate >= limit {
					v.P99 = 25e-3
				}
				return v
			}
			out = append(out, CurvePoint{Launch: launch, Kind: ancmbench.Sweep, Phase: digits(rate), Rate: rate, Connections: 64, Base: p99(l[0]), Other: p99(l[1])})
		}
	}
	return out
}

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
		curve := curveOf(swept(c.limits), "in", "out", defaultSLO)
		a := &Analysis{Baseline: "in", Targets: []string{"out"}, Curve: []Curve{curve}}
		row := a.sloRow("out")
		if row[1] != c.base || row[2] != c.other || row[4] != c.ratio {
			t.Errorf("%s: %q", name, row)
		}
		bounded := strings.ContainsAny(row[1]+row[2], "<>")
		if (curve.SLORatio == nil) != (name != "within") || !strings.Contains(a.sloNote(), "64 connections") ||
			strings.Contains(a.sloNote(), "beyond its rates") != bounded || curve.sloSentence() == "" {
			t.Errorf("%s: ratio %+v, note %q, %q", name, curve.SLORatio, a.sloNote(), curve.sloSentence())
		}
		for what, got := range map[string][2]float64{"least": {value0(curve.SLORatioAtLeast), c.least}, "most": {value0(curve.SLORatioAtMost), c.most}} {
			if math.IsInf(got[1], 1) && got[0] > 1 { // the interval of two launches is wide
				continue
			}
			if math.Abs(got[0]-got[1]) > 1e-4*got[1] {
				t.Errorf("%s: at %s %v, want %v", name, what, got[0], got[1])
			}
		}
	}
	if a := new(Analysis); a.sloRow("out") != nil || a.sloNote() != "" {
		t.Errorf("a row without a sweep: %q %q", a.sloRow("out"), a.sloNote())
	}
}

// The note stands where the row does: a table of several targets has none.
func TestRowAndNoteGoTogether(t *testing.T) {
	one := &Analysis{Baseline: "in", Targets: []string{"out"}, Latency: "response", Series: []Series{{Metric: "response_p50_seconds", Target: "in"}},
		Statements: []Statement{{Metric: "throughput_per_second", Title: "peak throughput", Unit: "per second", Target: "out"}},
		Curve:      []Curve{curveOf(swept([][2]float64{{10000, 1000}, {10000, 1000}}), "in", "out", defaultSLO)}}
	several := *one
	several.Targets = []string{"out", "other"}
	for _, a := range []*Analysis{one, &several} {
		p := newPage(TextOptions{})
		p.raw(headlineTable(a, 100))
		p.notes(a)
		got := p.buf.String()
		row, note := strings.Contains(got, "3,160 req/s"), strings.Contains(got, "over 64 connections")
		if row != note || row != (a == one) {
			t.Errorf("%d targets: row %v, note %v:\n%s", len(a.Targets), row, note, got)
		}
	}
}

func value0(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
