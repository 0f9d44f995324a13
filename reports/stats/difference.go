package stats

import "math"

// Difference returns the geometric mean of others less that of bases, with a Student t
// interval: the difference of the two values that stand beside it, whose quotient is the
// mean of the log ratios, raised. Both have one value per fresh start, in the same order.
// Where a value is not positive all means are arithmetic ones.
//
// The interval is that of the means of
//
//	other*(1 + log(o) - mean log(o)) - base*(1 + log(b) - mean log(b)),
//
// one per fresh start, where other and base are the geometric means: to first order how the
// difference moves with the fresh start's two values. Their mean is the difference itself.
func Difference(bases, others []float64) Estimate {
	base, positive := logMean(bases)
	other, both := logMean(others)
	xs := make([]float64, len(bases))
	for i := range xs {
		xs[i] = others[i] - bases[i]
		if positive && both {
			xs[i] = math.Exp(other)*(1+math.Log(others[i])-other) - math.Exp(base)*(1+math.Log(bases[i])-base)
		}
	}
	return Student(xs)
}

// SideMean returns the mean that Difference takes of each side: the geometric one, or the
// arithmetic one where a value is not positive.
func SideMean(xs []float64) float64 {
	if log, ok := logMean(xs); ok {
		return math.Exp(log)
	}
	return Student(xs).Value
}

// logMean returns the mean of the logarithms; ok is false where a value has none.
func logMean(xs []float64) (mean float64, ok bool) {
	for _, x := range xs {
		if !(x > 0) {
			return 0, false
		}
		mean += math.Log(x) / float64(len(xs))
	}
	return mean, true
}
