package stats

import (
	"golang.org/x/perf/benchmath"
)

// SecondView is a test of the same fresh starts that assumes neither pairs nor a
// distribution: the Mann-Whitney U test.
type SecondView struct {
	P float64 `json:"p"`
	// Notes are the test's own doubts, such as too few samples.
	Notes []string `json:"notes,omitempty"`
}

// MannWhitney compares two sets of fresh start values. It sorts copies.
func MannWhitney(base, other []float64) *SecondView {
	if len(base) == 0 || len(other) == 0 {
		return nil
	}
	sample := func(xs []float64) *benchmath.Sample {
		return benchmath.NewSample(append([]float64(nil), xs...), &benchmath.DefaultThresholds)
	}
	c := benchmath.AssumeNothing.Compare(sample(base), sample(other))
	v := &SecondView{P: c.P}
	for _, w := range c.Warnings {
		v.Notes = append(v.Notes, w.Error())
	}
	return v
}
