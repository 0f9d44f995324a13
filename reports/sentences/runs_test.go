package sentences

import (
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// swept are fresh starts of a sweep whose p99 is 1 ms below a target's limit and 25 ms at
// it and above; a limit of 0 is broken at every rate.
func swept(limits [][2]float64) []figures.CurvePoint {
	var out []figures.CurvePoint
	for launch, l := range limits {
		for _, rate := range []float64{100, 1000, 10000} {
			p99 := func(limit float64) figures.PointValue {
				v := figures.PointValue{P50: 1e-4, P99: 1e-3, Samples: 2000}
				if rate >= limit {
					v.P99 = 25e-3
				}
				return v
			}
			out = append(out, figures.CurvePoint{Launch: launch, Kind: ancmbench.Sweep, Phase: words.Digits(rate), Rate: rate, Connections: 64, Base: p99(l[0]), Other: p99(l[1])})
		}
	}
	return out
}

func analysed(t *testing.T, run *ancmbench.Run) *figures.Analysis {
	t.Helper()
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
