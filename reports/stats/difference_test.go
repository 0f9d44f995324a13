package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The 95 % interval of a difference holds the truth in 93 to 97 % of runs of six
// fresh starts, whose two values share how slow the machine is and have each their own luck.
func TestDifferenceCoverage(t *testing.T) {
	const runs = 20000
	for _, c := range []struct{ level, luck, ratio float64 }{{0, 0.02, 2.2}, {0.05, 0.02, 2.2}, {0.1, 0.05, 1.3}, {0.2, 0.1, 2.2}, {0.02, 0.1, 1}, {0.1, 0.05, 20}} {
		rng := rand.New(rand.NewPCG(8, uint64(1000*c.level)+uint64(100*c.ratio)))
		held := 0
		for range runs {
			var b, o []float64
			for range 6 {
				level := c.level * rng.NormFloat64()
				b = append(b, 100*math.Exp(level+c.luck*rng.NormFloat64()))
				o = append(o, 100*c.ratio*math.Exp(level+c.luck*rng.NormFloat64()))
			}
			if Difference(b, o).Interval.Holds(100*c.ratio - 100) {
				held++
			}
		}
		if share := float64(held) / runs; share < 0.93 || share > 0.97 {
			t.Errorf("%+v: %.1f %% of the intervals hold the truth, want 93 to 97 %%", c, 100*share)
		}
	}
}

// A difference is that of the two values beside it, whose quotient is the ratio: of
// geometric means where all are positive, else of arithmetic ones.
func TestDifferenceIsOfTheValuesShown(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 1000 {
		var b, o, logs []float64
		for range 1 + rng.IntN(8) {
			b, o = append(b, math.Exp(3*rng.NormFloat64())), append(o, math.Exp(3*rng.NormFloat64()))
			logs = append(logs, math.Log(o[len(o)-1]/b[len(b)-1]))
		}
		mb, _ := logMean(b)
		mo, _ := logMean(o)
		base, other := math.Exp(mb), math.Exp(mo)
		d, r := Difference(b, o), RatioOf(Student(logs))
		if math.Abs(d.Value-(other-base)) > 1e-9*(other+base) || math.Abs(r.Value-other/base) > 1e-9*r.Value || (d.Interval == nil) != (len(b) < 2) {
			t.Fatalf("values %v and %v, difference %v, ratio %v", base, other, d, r)
		}
		b[0] = 0
		if d := Difference(b, o).Value; math.Abs(d-(Mean(o)-Mean(b))) > 1e-9*(Mean(o)+Mean(b)) {
			t.Fatalf("with a zero: %v", d)
		}
	}
}
