package stats

import (
	"math"

	"github.com/montanaflynn/stats"

	"ancmbench/reports/words"
)

// Power is the probability that an effect of the size SmallestEffect is detected.
const Power = 0.80

// Student returns the mean of xs with the two-sided Student t interval. It needs at least
// one element and does not change xs.
func Student(xs []float64) Estimate {
	mean, err := stats.Mean(xs)
	if err != nil {
		return Estimate{Value: math.NaN()}
	}
	if len(xs) < 2 {
		return Estimate{Value: mean}
	}
	return Around(mean, standardError(xs), float64(len(xs)-1))
}

func standardError(xs []float64) float64 {
	sd, err := stats.StandardDeviationSample(xs)
	if err != nil {
		return math.NaN()
	}
	return sd / math.Sqrt(float64(len(xs)))
}

// Tellable returns the smallest detectable effect, as a share: the one that as many fresh
// starts as twins has elements detect with probability Power, given how much twins of one
// target differed (their log ratios).
func Tellable(twins []float64) float64 {
	degrees := float64(len(twins) - 1)
	log := (twoSided(degrees) + Quantile(Power, degrees)) * standardError(twins)
	return math.Expm1(min(log, words.MaxLog))
}

// PairedP returns the two-sided p-value of the hypothesis that the log ratios have
// mean zero; ok is false for fewer than two.
func PairedP(logs []float64) (p float64, ok bool) {
	if len(logs) < 2 {
		return 0, false
	}
	_, p, err := stats.TTest(logs, nil, 0)
	if err != nil { // no variance at all, and a mean that is not zero
		return 0, true
	}
	return p, true
}
