package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

// sides are two samples of n and m in which exactly u pairs have the second below the
// first, and no value is there twice.
func sides(n, m, u int) (base, other []float64) {
	// others[i] is how many of the first lie above the ith of the second.
	left := u
	for j := range m {
		below := min(left, n)
		left -= below
		other = append(other, float64(n-below)+float64(j+1)/float64(m+2))
	}
	for i := range n {
		base = append(base, float64(i+1))
	}
	return base, other
}

// Against the table of Mann and Whitney (1947), which is of one side.
func TestMannWhitneyAgainstTable(t *testing.T) {
	for _, c := range []struct {
		n, m int
		p    []float64 // of U = 0, 1, 2, ...
	}{
		{3, 3, []float64{0.050, 0.100, 0.200, 0.350}},
		{4, 4, []float64{0.014, 0.029, 0.057, 0.100, 0.171, 0.243, 0.343}},
		{5, 5, []float64{0.004, 0.008, 0.016, 0.028, 0.048, 0.075, 0.111, 0.155, 0.210, 0.274, 0.345}},
		{6, 6, []float64{0.001, 0.002, 0.004, 0.008, 0.013, 0.021, 0.032, 0.047, 0.066, 0.090}},
	} {
		for u, want := range c.p {
			base, other := sides(c.n, c.m, u)
			if got := MannWhitney(base, other).P; math.Abs(got/2-want) > 0.00051 {
				t.Errorf("%d and %d, U = %d: p is %.4f on one side, and the table has %.3f", c.n, c.m, u, got/2, want)
			}
			if back := MannWhitney(other, base).P; math.Abs(back-MannWhitney(base, other).P) > 1e-12 {
				t.Errorf("%d and %d, U = %d: p depends on which side is first", c.n, c.m, u)
			}
		}
	}
}

// permuted is the same p by another way: in which share of all divisions of the values
// into two such sides does the first one's U lie as far out or further.
func permuted(base, other []float64) float64 {
	all := append(append([]float64(nil), base...), other...)
	uOf := func(first uint) (u float64) {
		for i, x := range all {
			for j, y := range all {
				if first&(1<<i) != 0 && first&(1<<j) == 0 && x > y {
					u++
				}
			}
		}
		return u
	}
	seen := uOf(1<<len(base) - 1)
	low, high, n := 0, 0, 0
	for first := range uint(1) << len(all) {
		if bits.OnesCount(first) != len(base) {
			continue
		}
		n++
		if u := uOf(first); u <= seen {
			low++
		}
		if u := uOf(first); u >= seen {
			high++
		}
	}
	return min(1, 2*float64(min(low, high))/float64(n))
}

func TestMannWhitneyAgainstAllDivisions(t *testing.T) {
	rng := rand.New(rand.NewPCG(19, 47))
	distinct := map[float64]bool{}
	for range 60 {
		base, other := make([]float64, 2+rng.IntN(5)), make([]float64, 2+rng.IntN(5))
		shift := 2 * rng.NormFloat64()
		for i := range base {
			base[i] = rng.NormFloat64()
		}
		for i := range other {
			other[i] = shift + rng.NormFloat64()
		}
		got, want := MannWhitney(base, other).P, permuted(base, other)
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%v and %v: p is %v, by all divisions %v", base, other, got, want)
		}
		distinct[want] = true
	}
	if len(distinct) < 20 {
		t.Errorf("only %d values of p were compared", len(distinct))
	}
}
