package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"ancmbench/reports/internal/example"
)

// The 95 % interval must hold the true value in 93 to 97 % of runs,
// also where each fresh start has a level of its own that both sides share, and where
// the machine drifts: a fresh start's pair cancels both.
func TestIntervalCoverage(t *testing.T) {
	const runs, truth = 4000, 0.8
	for _, n := range []int{3, 6, 12} {
		rng := rand.New(rand.NewPCG(11, uint64(n)))
		held, unpairedHeld := 0, 0
		for range runs {
			var logs, base, other []float64
			for l := range n {
				level := 0.3*rng.NormFloat64() + 0.1*float64(l)
				b, o := level+0.03*rng.NormFloat64(), level+truth+0.03*rng.NormFloat64()
				logs, base, other = append(logs, o-b), append(base, b), append(other, o)
			}
			if Student(logs).Interval.Holds(truth) {
				held++
			}
			// All of one side, then all of the other, on a machine that drifts.
			for l := range n {
				other[l] += 0.1 * float64(n)
			}
			if Student(minus(other, mean1(base))).Interval.Holds(truth) {
				unpairedHeld++
			}
		}
		if share := float64(held) / runs; share < 0.93 || share > 0.97 {
			t.Errorf("n=%d: %.1f %% of the intervals hold the truth, want 93 to 97 %%", n, 100*share)
		}
		if share := float64(unpairedHeld) / runs; share > 0.93 {
			t.Errorf("n=%d: one side after the other keeps %.1f %%, so this test cannot tell good from bad", n, 100*share)
		}
	}
}

func minus(xs []float64, m float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = x - m
	}
	return out
}

func mean1(xs []float64) float64 { return Student(xs).Value }

// Against figures of a table of Student's t: t(0.975; 5) is 2.5706.
func TestStudentAgainstTable(t *testing.T) {
	e := Student([]float64{1, 2, 3, 4, 5, 6})
	half := 2.5705818 * math.Sqrt(3.5/6)
	example.Near(t, "mean", e.Value, 3.5)
	example.Near(t, "low", e.Interval.Low, 3.5-half)
	example.Near(t, "high", e.Interval.High, 3.5+half)
}

func TestStudentLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		xs := make([]float64, 2+rng.IntN(10))
		for i := range xs {
			xs[i] = rng.NormFloat64()
		}
		before := append([]float64(nil), xs...)
		e := Student(xs)
		if !e.Interval.Holds(e.Value) {
			t.Fatalf("the interval %v does not hold its own mean %v", e.Interval, e.Value)
		}
		p, _ := PairedP(xs)
		if e.Interval.Holds(0) != (p >= 0.05) && math.Abs(p-0.05) > 1e-9 {
			t.Fatalf("interval %v and p %v disagree on zero", *e.Interval, p)
		}
		// Turning the sides round turns the ratio round, and its interval with it.
		turned := make([]float64, len(xs))
		for i, x := range xs {
			turned[i] = -x
		}
		r, q := RatioOf(e).Inverse(), RatioOf(Student(turned))
		example.Near(t, "the ratio, turned round", q.Value, r.Value)
		example.Near(t, "its lower end", q.Interval.Low, r.Interval.Low)
		example.Near(t, "its upper end", q.Interval.High, r.Interval.High)
		if q.Interval.Low > q.Value || q.Value > q.Interval.High {
			t.Fatalf("ratio %v of log %v", q, e)
		}
		MannWhitney(xs, xs)
		for i := range xs {
			if xs[i] != before[i] {
				t.Fatal("the caller's slice was changed")
			}
		}
	}
	if Student([]float64{1}).Interval != nil {
		t.Error("one launch must have no interval")
	}
	if _, ok := PairedP([]float64{1}); ok {
		t.Error("one launch must have no p-value")
	}
}

// tellable is calibrated: an effect of that size is detected with the stated power.
func TestTellablePower(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const n, sd, runs = 8, 0.04, 4000
	// A sample whose SD is exactly sd.
	twins := []float64{sd, -sd, sd, -sd, sd, -sd, sd, -sd}
	for i := range twins {
		twins[i] *= math.Sqrt(float64(n-1) / n)
	}
	effect := math.Log1p(Tellable(twins))
	detected := 0
	for range runs {
		logs := make([]float64, n)
		for i := range logs {
			logs[i] = effect + sd*rng.NormFloat64()
		}
		if !Student(logs).Interval.Holds(0) {
			detected++
		}
	}
	if share := float64(detected) / runs; share < Power-0.05 || share > Power+0.07 {
		t.Errorf("an effect of %.1f %% is detected in %.1f %% of runs, want about %.0f %%", 100*math.Expm1(effect), 100*share, 100*Power)
	}
}
