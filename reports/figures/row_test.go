package figures

import (
	"math"
	"math/rand/v2"
	"testing"

	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Whatever the fresh starts say, a row holds together: the difference is that of the two
// values shown, and the ratio their quotient, as far as the digits shown can tell.
func TestARowHoldsTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	for n := range 5000 {
		s := Statement{Unit: "seconds per request"}
		spread := 0.8 * rng.Float64()
		scale, ratio := math.Exp(-12+10*rng.Float64()), math.Exp(rng.NormFloat64())
		zero := n%10 == 0
		for l := range 1 + rng.IntN(10) {
			p := Pair{Launch: l, Base: scale * math.Exp(spread*rng.NormFloat64()), Other: scale * ratio * math.Exp(spread*rng.NormFloat64()), Rate: 300}
			if zero {
				p.Base = 0
			}
			s.Pairs = append(s.Pairs, p)
		}
		s.conclude()
		b, o, d := s.Base.Value, s.Other.Value, s.Difference.Value
		if math.Abs(d-(o-b)) > 1e-9*(o+b) || math.Abs(s.Cores.Value-300*d) > 1e-9*300*(o+b) {
			t.Fatalf("%d: values %v and %v, difference %v, cores %v", n, b, o, d, s.Cores.Value)
		}
		if zero {
			if s.Ratio != nil || s.Note == "" {
				t.Fatalf("%d: a ratio to zero: %+v", n, s)
			}
			continue
		}
		if math.Abs(s.Ratio.Value-o/b) > 1e-9*s.Ratio.Value {
			t.Fatalf("%d: values %v and %v, ratio %v", n, b, o, s.Ratio.Value)
		}
		if (d > 0) != (s.Ratio.Value > 1) {
			t.Fatalf("%d: difference %v and ratio %v point to two sides", n, d, s.Ratio.Value)
		}
	}
}

// The report's own example of a row that did not: as it is read on the screen.
func TestARowAsItIsRead(t *testing.T) {
	s := Statement{Unit: "seconds"}
	for l, v := range [][2]float64{{311e-6, 380e-6}, {250e-6, 600e-6}, {600e-6, 420e-6}, {290e-6, 310e-6}, {180e-6, 500e-6}} {
		s.Pairs = append(s.Pairs, Pair{Launch: l, Base: v[0], Other: v[1]})
	}
	s.conclude()
	got := []string{stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit), Difference(s), words.Times(s.Ratio.Value, 0)}
	for i, want := range []string{"300 µs", "431 µs", "+131 µs", "1.44"} {
		if got[i] != want {
			t.Errorf("the row reads %q, want %q", got, want)
			break
		}
	}
}
