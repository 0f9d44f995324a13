package reports

import (
	"math"

	"github.com/montanaflynn/stats"
	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is the share of intervals that hold the true value.
const Confidence = 0.95

// Power is the chance with which an effect of SmallestEffect is told.
const Power = 0.80

// maxLog bounds a log ratio before it is raised: past it an interval says
// nothing, and the JSON format has no infinity.
const maxLog = 300

// Estimate is a mean over launches.
type Estimate struct {
	Value float64 `json:"value"`
	// Interval is nil when there are fewer than two launches to take it from.
	Interval *Interval `json:"interval_95,omitempty"`
}

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Holds reports whether v lies within the interval, its ends included.
func (i Interval) Holds(v float64) bool { return i.Low <= v && v <= i.High }

// deviation is the standard deviation of xs; ok is false for fewer than two.
func deviation(xs []float64) (sd float64, ok bool) {
	if len(xs) < 2 {
		return 0, false
	}
	sd, err := stats.StandardDeviationSample(xs)
	return sd, err == nil
}

// median is the middle of xs; ok is false without any.
func median(xs []float64) (m float64, ok bool) {
	m, err := stats.Median(xs)
	return m, err == nil
}

// student gives the mean of xs with the two-sided Student t interval. It needs
// at least one element and leaves xs as they are.
func student(xs []float64) Estimate {
	mean, err := stats.Mean(xs)
	if err != nil {
		return Estimate{Value: math.NaN()}
	}
	e := Estimate{Value: mean}
	if len(xs) < 2 {
		return e
	}
	half := tQuantile(0.5+Confidence/2, len(xs)-1) * standardError(xs)
	e.Interval = &Interval{Low: mean - half, High: mean + half}
	return e
}

func standardError(xs []float64) float64 {
	sd, err := stats.StandardDeviationSample(xs)
	if err != nil {
		return math.NaN()
	}
	return sd / math.Sqrt(float64(len(xs)))
}

func tQuantile(p float64, degrees int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(degrees)}.Quantile(p)
}

// ratioOf turns an estimate of a log ratio into one of the ratio.
func ratioOf(log Estimate) Estimate {
	exp := func(x float64) float64 { return math.Exp(min(max(x, -maxLog), maxLog)) }
	r := Estimate{Value: exp(log.Value)}
	if log.Interval != nil {
		r.Interval = &Interval{Low: exp(log.Interval.Low), High: exp(log.Interval.High)}
	}
	return r
}

// tellable is the smallest effect, as a share, that as many launches as twins
// has elements tell with the stated power, given how far twins of one thing
// came apart (their log ratios).
func tellable(twins []float64) float64 {
	n := len(twins)
	log := (tQuantile(0.5+Confidence/2, n-1) + tQuantile(Power, n-1)) * standardError(twins)
	return math.Expm1(min(log, maxLog))
}

// pairedP is the two-sided p-value of the hypothesis that the log ratios have
// mean zero; ok is false for fewer than two.
func pairedP(logs []float64) (p float64, ok bool) {
	if len(logs) < 2 {
		return 0, false
	}
	_, p, err := stats.TTest(logs, nil, 0)
	if err != nil { // no variance at all, and a mean that is not zero
		return 0, true
	}
	return p, true
}

// SecondView is a look at the same launches that assumes neither pairs nor a
// distribution: the Mann-Whitney U test.
type SecondView struct {
	P float64 `json:"p"`
	// Notes are the test's own doubts, such as too few samples.
	Notes []string `json:"notes,omitempty"`
}

// mannWhitney compares two sets of launch values. It sorts copies.
func mannWhitney(base, other []float64) *SecondView {
	if len(base) == 0 || len(other) == 0 {
		return nil
	}
	sample := func(xs []float64) *benchmath.Sample {
		return benchmath.NewSample(append([]float64(nil), xs...), &benchmath.DefaultThresholds)
	}
	c := benchmath.AssumeNothing.Compare(sample(base), sample(other))
	v := &SecondView{P: c.P}
	for _, w := range c.Warnings {
		v.Notes = append(v.Notes, w.Error())
	}
	return v
}

// meanMax are the mean and the largest of xs, nil without any.
func meanMax(xs []float64) (avg, top *float64) {
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
