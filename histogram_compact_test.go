package ancmbench

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

// TestCompactKeepsAllValues compares compact histograms of many shapes with the histograms
// that they were made of.
func TestCompactKeepsAllValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for shape := range 12 {
		var dense, small Histogram
		for range 1 + rng.IntN(3000) {
			d := time.Duration(rng.ExpFloat64() * float64(uint64(1)<<rng.IntN(42)))
			dense.Record(d)
			small.Record(d)
		}
		small.Compact()
		if small.h != nil {
			t.Fatal("the memory was not given back")
		}
		for _, q := range []float64{0, 1e-9, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1, rng.Float64(), rng.Float64()} {
			want, _ := dense.Quantile(q)
			if got, ok := small.Quantile(q); !ok || got != want {
				t.Errorf("shape %d, quantile %v: %v, want %v", shape, q, got, want)
			}
		}
		checkSame(t, &small, &dense)
		var sum Histogram
		sum.Merge(&small)
		sum.Merge(&small)
		dense.Merge(&dense)
		checkSame(t, &sum, &dense)
		small.Merge(&small) // it counts again
		checkSame(t, &small, &dense)
	}
}

func checkSame(t *testing.T, got, want *Histogram) {
	t.Helper()
	if got.Count() != want.Count() || got.Min() != want.Min() || got.Max() != want.Max() || got.Mean() != want.Mean() {
		t.Errorf("count %d min %v max %v mean %v, want %d %v %v %v", got.Count(), got.Min(), got.Max(), got.Mean(),
			want.Count(), want.Min(), want.Max(), want.Mean())
	}
	if got.CumulativeBelow(time.Millisecond) != want.CumulativeBelow(time.Millisecond) {
		t.Error("another cumulative share")
	}
	a, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Error("another encoding")
	}
}

func TestCompactOfEmptyHistogram(t *testing.T) {
	var none *Histogram
	none.Compact()
	var empty Histogram
	empty.Compact()
	empty.Record(time.Second)
	empty.Reset()
	empty.Compact()
	if _, ok := empty.Quantile(0.5); ok || empty.Count() != 0 {
		t.Error("an empty histogram has a quantile")
	}
	empty.Record(time.Second)
	if empty.Count() != 1 {
		t.Error("it does not count again")
	}
}
