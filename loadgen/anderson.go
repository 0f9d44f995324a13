package loadgen

import (
	"math"
	"slices"
)

// andersonExponential returns the Anderson-Darling statistic of xs against the
// exponential law of mean 1, with no parameter estimated (case 0 of D'Agostino and
// Stephens, "Goodness-of-Fit Techniques", 1986, table 4.2: 2.492 at 5 %, 3.857 at
// 1 %, for 5 samples or more). It sorts xs.
func andersonExponential(xs []float64) float64 {
	slices.Sort(xs)
	n := len(xs)
	sum := 0.0
	for i, x := range xs {
		x = max(x, 1e-12)
		// ln F(x) of the ith smallest, and ln(1-F) of the ith largest.
		sum += float64(2*i+1) * (math.Log(-math.Expm1(-x)) - max(xs[n-1-i], 1e-12))
	}
	return -float64(n) - sum/float64(n)
}

// autocorrelation returns the lag-1 autocorrelation within stretches; the last value of
// one stretch and the first of the next do not count as neighbours. It is 0 if no
// stretch has 2 values, or if all values are equal.
func autocorrelation(stretches [][]float64) float64 {
	var n, mean float64
	for _, s := range stretches {
		for _, x := range s {
			n++
			mean += (x - mean) / n
		}
	}
	var variance, covariance, pairs float64
	for _, s := range stretches {
		for i, x := range s {
			variance += (x - mean) * (x - mean)
			if i > 0 {
				covariance += (x - mean) * (s[i-1] - mean)
				pairs++
			}
		}
	}
	if variance == 0 || pairs == 0 {
		return 0
	}
	return (covariance / pairs) / (variance / n)
}
