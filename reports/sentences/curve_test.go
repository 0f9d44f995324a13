package sentences

import (
	"math"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Throughput at an SLO is compared where both have one, and a limit that some fresh
// starts lack is not called beyond the highest rate.
func TestThroughputAtAnSLO(t *testing.T) {
	at := func(launch int, rate float64, base, other float64) figures.CurvePoint {
		return figures.CurvePoint{Launch: launch, Kind: ancmbench.Sweep, Phase: words.Digits(rate), Rate: rate,
			Base: figures.PointValue{P50: 1e-4, P99: base, Samples: 500}, Other: figures.PointValue{P50: 1e-4, P99: other, Samples: 500}}
	}
	both := []figures.CurvePoint{at(0, 100, 1e-3, 1e-3), at(0, 1000, 5e-3, 25e-3), at(0, 10000, 25e-3, 25e-3),
		at(1, 100, 1e-3, 1e-3), at(1, 1000, 5e-3, 25e-3), at(1, 10000, 25e-3, 25e-3)}
	c := figures.CurveOf(both, "in", "out", figures.DefaultSLO)
	// The one keeps 5 ms up to 1000/s; the other half way from 100 to 1000, in logs.
	if c.SLORatio == nil || math.Abs(c.SLORatio.Value-math.Sqrt(0.1)) > 1e-9 || !strings.Contains(SLOSentence(&c), "0.32x") {
		t.Errorf("%+v: %s", c.SLORatio, SLOSentence(&c))
	}
	// A bound of 10 ms is kept up to a higher rate.
	usual, looser := figures.CurveOf(both, "in", "out", figures.DefaultSLO).Limits[0], figures.CurveOf(both, "in", "out", 10e-3).Limits[0]
	if usual.SLO == nil || looser.SLO == nil || looser.SLO.Value <= usual.SLO.Value || !strings.Contains(LimitSentence(looser), "within 10 ms") {
		t.Errorf("with 5 ms: %s; with 10 ms: %s", LimitSentence(usual), LimitSentence(looser))
	}
	if c := figures.CurveOf(both, "in", "out", 10e-3); !strings.Contains(SLOSentence(&c), "within 10 ms") {
		t.Errorf("with 10 ms: %s", SLOSentence(&c))
	}
	for name, c := range map[string]struct {
		last  figures.CurvePoint // of the second fresh start
		says  string
		first float64
	}{
		"beyond in one":  {at(1, 10000, 4e-3, 4e-3), "over 10,000 requests/s in 1 of 2 fresh starts", 1e-3},
		"under in one":   {at(1, 10000, 9e-3, 9e-3), "under 100 requests/s in 1 of 2 fresh starts", 9e-3},
		"within in both": {at(1, 10000, 25e-3, 25e-3), "up to 316 requests/s", 1e-3},
	} {
		ps := append(slices.Clone(both[:3]), at(1, 100, c.first, c.first), at(1, 1000, 25e-3, 25e-3), c.last)
		if name == "beyond in one" {
			ps[4] = at(1, 1000, 4e-3, 4e-3)
		}
		got := figures.CurveOf(ps, "in", "out", figures.DefaultSLO).Limits[1]
		if !strings.Contains(LimitSentence(got), c.says) || (got.SLO == nil) != (name != "within in both") {
			t.Errorf("%s: %+v: %s", name, got.SLO, LimitSentence(got))
		}
		if name != "within in both" && figures.CurveOf(ps, "in", "out", figures.DefaultSLO).SLORatio != nil {
			t.Errorf("%s: a ratio is stated", name)
		}
	}
}

// A rate without a p99 has neither kept nor broken a bound.
func TestARateWithoutAValueIsUnknown(t *testing.T) {
	rates := []float64{100, 1000, 10000}
	for name, c := range map[string]struct {
		p99  [3]float64 // seconds; 0 is unknown
		want figures.Outside
		slo  float64 // per second; 0 is none
	}{
		"all known":          {[3]float64{1e-3, 5e-3, 25e-3}, figures.Outside{}, 1000},
		"past":               {[3]float64{1e-3, 1e-3, 1e-3}, figures.Outside{Past: 1}, 0},
		"past, low unknown":  {[3]float64{0, 1e-3, 1e-3}, figures.Outside{Past: 1}, 0},
		"under":              {[3]float64{9e-3, 9e-3, 9e-3}, figures.Outside{Under: 1}, 0},
		"under, high gone":   {[3]float64{9e-3, 9e-3, 0}, figures.Outside{Under: 1}, 0},
		"none":               {[3]float64{}, figures.Outside{Unknown: 1}, 0},
		"kept, then unknown": {[3]float64{1e-3, 1e-3, 0}, figures.Outside{Unknown: 1}, 0},
		"unknown, broken":    {[3]float64{0, 9e-3, 9e-3}, figures.Outside{Unknown: 1}, 0},
		"across a gap":       {[3]float64{1e-3, 0, 25e-3}, figures.Outside{}, 1000},
	} {
		var ps []figures.CurvePoint
		for k, rate := range rates {
			v := figures.PointValue{P50: 1e-4, P99: c.p99[k], Samples: 1000}
			ps = append(ps, figures.CurvePoint{Kind: ancmbench.Sweep, Phase: words.Digits(rate), Rate: rate, Base: v, Other: v})
		}
		l := figures.CurveOf(ps, "in", "out", figures.DefaultSLO).Limits[1]
		if l.SLOOut != c.want || (l.SLO == nil) != (c.slo == 0) || l.SLO != nil && math.Abs(l.SLO.Value/c.slo-1) > 1e-9 {
			t.Errorf("%s: %+v, %+v: %s", name, l.SLO, l.SLOOut, LimitSentence(l))
		}
		if says := strings.Contains(LimitSentence(l), "up to a rate that is unknown (too few samples) in 1 of 1 fresh start"); says != (c.want.Unknown > 0) {
			t.Errorf("%s: %s", name, LimitSentence(l))
		}
	}
}

// A target that adds little from the first app time on needs no app time for that.
func TestFadeFromTheStart(t *testing.T) {
	f := figures.Fade{Factor: ancmbench.FactorCPU, Share: 0.05, From: &stats.Estimate{}, Launches: 1, Reached: 1}
	if got, want := FadeSentence(f, "direct"), "direct adds under 5 % to the median, however much processor time the app takes per request."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	f.From = &stats.Estimate{Value: 610e-6}
	if got, want := FadeSentence(f, "direct"), "direct adds under 5 % to the median once the app takes 610 µs of processor time per request."; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
