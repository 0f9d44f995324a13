package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"ancmbench/reports/words"
)

// Confidence is the share of intervals that contain the true value.
const Confidence = 0.95

// Estimate is a mean over launches.
type Estimate struct {
	Value float64 `json:"value"`
	// Interval is nil when there are fewer than two fresh starts to take it from.
	Interval *Interval `json:"interval_95,omitempty"`
}

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Holds reports whether v lies within the interval, its ends included.
func (i Interval) Holds(v float64) bool { return i.Low <= v && v <= i.High }

// RatioOf turns an estimate of a log ratio into one of the ratio.
func RatioOf(log Estimate) Estimate {
	exp := func(x float64) float64 { return math.Exp(min(max(x, -words.MaxLog), words.MaxLog)) }
	r := Estimate{Value: exp(log.Value)}
	if log.Interval != nil {
		r.Interval = &Interval{Low: exp(log.Interval.Low), High: exp(log.Interval.High)}
	}
	return r
}

// Low and high are the ends of the interval, or the value where there is none.
func (e Estimate) Low() float64 {
	if e.Interval == nil {
		return e.Value
	}
	return e.Interval.Low
}

func (e Estimate) High() float64 {
	if e.Interval == nil {
		return e.Value
	}
	return e.Interval.High
}

// Half is half the width of the interval, and 0 without one.
func (e Estimate) Half() float64 {
	if e.Interval == nil {
		return 0
	}
	return (e.Interval.High - e.Interval.Low) / 2
}

// Around returns the estimate of a mean with its two-sided Student t interval, from its
// standard error and degrees of freedom. Every interval of a mean is made here.
func Around(mean, se, degrees float64) Estimate {
	half := se * twoSided(degrees)
	return Estimate{Value: mean, Interval: &Interval{Low: mean - half, High: mean + half}}
}

// twoSided returns the number of standard errors from the centre to each end of an interval.
func twoSided(degrees float64) float64 { return Quantile(0.5+Confidence/2, degrees) }

// Quantile is Student's t for a probability. The degrees of freedom may be fractions,
// as in Welch's form, and are none where nothing varied: then it is 0.
func Quantile(p, degrees float64) float64 {
	if !(degrees > 0) {
		return 0
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: degrees}.Quantile(p)
}

// Times returns the estimate of a quantity that is x times as large; x is positive.
func (e Estimate) Times(x float64) Estimate {
	out := Estimate{Value: x * e.Value}
	if i := e.Interval; i != nil {
		out.Interval = &Interval{Low: x * i.Low, High: x * i.High}
	}
	return out
}

// Inverse returns the estimate of one over a ratio.
func (e Estimate) Inverse() Estimate {
	out := Estimate{Value: 1 / e.Value}
	if i := e.Interval; i != nil {
		out.Interval = &Interval{Low: 1 / i.High, High: 1 / i.Low}
	}
	return out
}
