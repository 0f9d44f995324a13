package stats

import (
	"errors"
	"math"
)

// ErrNoEffect says that slices detect no effect, so there is nothing to compare a duel with.
var ErrNoEffect = errors.New("no effect is detected in slices")

// Fieller returns the 95 % interval of the ratio of the means of pairs: of all r for
// which the mean of up - r*low is not distinguished from 0. It is bounded only where
// low's own mean is distinguished from 0.
func Fieller(up, low []float64) (Interval, error) {
	n := float64(len(up))
	mu, vu := MeanVariance(up)
	ml, vl := MeanVariance(low)
	cov := 0.0
	for i := range up {
		cov += (up[i] - mu) * (low[i] - ml) / (n - 1)
	}
	t := twoSided(n - 1)
	a := ml*ml - t*t*vl/n
	b := mu*ml - t*t*cov/n
	c := mu*mu - t*t*vu/n
	root := b*b - a*c
	if !(a > 0) || root < 0 {
		return Interval{}, ErrNoEffect
	}
	return Interval{Low: (b - math.Sqrt(root)) / a, High: (b + math.Sqrt(root)) / a}, nil
}

// BetweenRuns is how far runs of one thing lie apart, beside what their fresh starts
// show: the hour has an effect on a run that all its fresh starts share, and no number
// of them tells. Quiet runs an hour apart moved a penalty from 2.0 to 2.3.
type BetweenRuns struct {
	// SD is the standard deviation of the runs' mean log ratios, or mean log values.
	SD float64 `json:"sd_log"`
	// Runs that it was taken from; 0 where it was given or assumed, and then it is
	// taken as known.
	Runs int    `json:"runs,omitempty"`
	From string `json:"from"`
}

// Welch returns the ratio of the geometric means of two runs' fresh starts, given as logs,
// with its interval.
func Welch(now, then []float64) *Estimate {
	r := RatioOf(Around(Evidence{Logs: now, Stored: then}.At(len(now))))
	return &r
}
