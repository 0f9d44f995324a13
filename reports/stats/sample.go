package stats

import (
	"math"
	"slices"
	"strconv"

	"github.com/montanaflynn/stats"
)

// Mean returns the arithmetic mean; it needs at least one element.
func Mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x / float64(len(xs))
	}
	return sum
}

// Rounded returns the estimate with six significant digits; nil stays nil.
func Rounded(e *Estimate) *Estimate {
	if e == nil {
		return nil
	}
	r := &Estimate{Value: SixDigits(e.Value)}
	if e.Interval != nil {
		r.Interval = &Interval{Low: SixDigits(e.Interval.Low), High: SixDigits(e.Interval.High)}
	}
	return r
}

// SixDigits rounds to six significant digits.
func SixDigits(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// WithoutNaN returns xs without its NaNs.
func WithoutNaN(xs []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(xs), math.IsNaN)
}

// MeanVariance returns mean and variance. With fewer than two elements the variance is NaN.
func MeanVariance(xs []float64) (mean, variance float64) {
	mean, err := stats.Mean(xs)
	if err != nil {
		return math.NaN(), math.NaN()
	}
	variance, err = stats.SampleVariance(xs)
	if err != nil || len(xs) < 2 {
		return mean, math.NaN()
	}
	return mean, variance
}

// Deviation returns the standard deviation of xs; ok is false for fewer than two.
func Deviation(xs []float64) (sd float64, ok bool) {
	if len(xs) < 2 {
		return 0, false
	}
	sd, err := stats.StandardDeviationSample(xs)
	return sd, err == nil
}

// Median returns the median of xs; ok is false for no elements.
func Median(xs []float64) (m float64, ok bool) {
	m, err := stats.Median(xs)
	return m, err == nil
}

// MeanMax returns the mean and the largest of xs, and nil for no elements.
func MeanMax(xs []float64) (avg, top *float64) {
	m, err := stats.Mean(xs)
	if err != nil {
		return nil, nil
	}
	x, err := stats.Max(xs)
	if err != nil {
		return nil, nil
	}
	return &m, &x
}
