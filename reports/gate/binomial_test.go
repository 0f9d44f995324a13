package gate

import (
	"fmt"
	"math"
	"testing"

	"ancmbench/reports/stats"
)

// Against a table of exact binomial limits, and their defining law.
func TestBinomial(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{0, 20, 0, 0.1684}, {1, 20, 0.00127, 0.2487}, {17, 20, 0.6211, 0.9679}, {20, 20, 0.8316, 1}, {5, 10, 0.1871, 0.8129}, {0, 0, 0, 1}} {
		low, high := stats.Binomial(c.k, c.n)
		if math.Abs(low-c.low) > 1e-4 || math.Abs(high-c.high) > 1e-4 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.k, c.n, low, high, c.low, c.high)
		}
	}
	if s := fmt.Sprint(RateOf(24, 10_000)); s != "0.24 % [0.15, 0.36]" {
		t.Error(s)
	}
}
