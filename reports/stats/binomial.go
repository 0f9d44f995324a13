package stats

import (
	"gonum.org/v1/gonum/stat/distuv"
)

// Binomial returns the exact 95 % interval of a share of which k of n were seen
// (Clopper and Pearson, Biometrika 26, 1934). It is 0 to 1 for no n at all.
func Binomial(k, n int) (low, high float64) {
	const tail = (1 - Confidence) / 2
	low, high = 0, 1
	if k > 0 && n > 0 {
		low = distuv.Beta{Alpha: float64(k), Beta: float64(n - k + 1)}.Quantile(tail)
	}
	if k < n {
		high = distuv.Beta{Alpha: float64(k + 1), Beta: float64(n - k)}.Quantile(1 - tail)
	}
	return low, high
}
