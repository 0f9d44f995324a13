package figures

import (
	"math"
	"testing"

	"ancmbench/reports/internal/example"
)

func TestPartsAddUpToThePenalty(t *testing.T) {
	b := analysed(t, example.Ladder().Run()).Breakdown
	if b == nil || len(b.Metrics) < 4 {
		t.Fatalf("the breakdown is %+v", b)
	}
	for _, d := range b.Metrics {
		sum := 0.0
		for _, p := range d.Parts {
			sum += p.Difference.Value
		}
		if math.Abs(sum-d.Penalty.Value) > 1e-9*d.Out || math.Abs(d.In+sum-d.Out) > 1e-9*d.Out {
			t.Errorf("%s: the parts add up to %v and the penalty is %v, from %v to %v", d.Metric, sum, d.Penalty.Value, d.In, d.Out)
		}
		// What stands in the row of the same metric elsewhere is the same.
		for _, st := range b.Penalty {
			if st.Metric == d.Metric && (math.Abs(st.Base.Value-d.In) > 1e-9*d.In || math.Abs(st.Other.Value-d.Out) > 1e-9*d.Out || math.Abs(st.Difference.Value-d.Penalty.Value) > 1e-9*d.Out) {
				t.Errorf("%s: %v, %v and %v in the breakdown, %v, %v and %v in its row", d.Metric, d.In, d.Out, d.Penalty.Value, st.Base.Value, st.Other.Value, st.Difference.Value)
			}
		}
		if d.Launches != 8 {
			t.Errorf("%s rests on %d launches", d.Metric, d.Launches)
		}
	}
}

// Parts that cancel out are many times their sum, and no share of it says anything.
func TestSharesOfPartsThatCancelOut(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		kept   bool
	}{{[]float64{1.25, -0.59, 0.18, 0.16}, true}, {[]float64{2, -1}, true}, {[]float64{20.75, -14.89, -2.82, -2.05}, false}, {[]float64{-2.1, 3.1}, false}} {
		parts := []Part{{}} // one without a share stays so
		for _, s := range c.shares {
			parts = append(parts, Part{Share: &s})
		}
		dropShares(parts)
		for i, p := range parts[1:] {
			if (p.Share != nil) != c.kept || c.kept && *p.Share != c.shares[i] {
				t.Errorf("%v: part %d has %v", c.shares, i, p.Share)
			}
		}
	}
}
