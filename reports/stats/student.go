package stats

import (
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/montanaflynn/stats"
	"golang.org/x/perf/benchmath"
	"gonum.org/v1/gonum/stat/distuv"

	"ancmbench/reports/words"
)

// ErrNoEffect tells that slices do not tell the effect from none, and so nothing
// can be said of how much of it a duel shows.
var ErrNoEffect = errors.New("the effect cannot be told from none in slices")

// Fieller gives the 95 % interval of the ratio of the means of pairs: of all r for
// which the mean of up - r*low cannot be told from 0. It is bounded only where
// low's own mean can be told from 0.
func Fieller(up, low []float64) (Interval, error) {
	n := float64(len(up))
	mu, vu := MeanVariance(up)
	ml, vl := MeanVariance(low)
	cov := 0.0
	for i := range up {
		cov += (up[i] - mu) * (low[i] - ml) / (n - 1)
	}
	t := StudentQuantile(0.5+Confidence/2, n-1)
	a := ml*ml - t*t*vl/n
	b := mu*ml - t*t*cov/n
	c := mu*mu - t*t*vu/n
	root := b*b - a*c
	if !(a > 0) || root < 0 {
		return Interval{}, ErrNoEffect
	}
	return Interval{Low: (b - math.Sqrt(root)) / a, High: (b + math.Sqrt(root)) / a}, nil
}

// BetweenRuns is how far runs of one thing lie apart, beside what their launches
// show: the hour has an effect on a run that all its launches share, and no number
// of them tells. Quiet runs an hour apart moved a penalty from 2.0 to 2.3.
type BetweenRuns struct {
	// SD is that of the runs' mean log ratios, or mean log values.
	SD float64 `json:"sd_log"`
	// Runs that it was taken from; 0 where it was given or assumed, and then it is
	// taken as known.
	Runs int    `json:"runs,omitempty"`
	From string `json:"from"`
}

// Welch is the ratio of the geometric means of two runs' launches, given as logs,
// with its interval.
func Welch(now, then []float64) *Estimate {
	mean, se, df := Evidence{Logs: now, Stored: then}.At(len(now))
	half := se * StudentQuantile(0.5+Confidence/2, df)
	r := RatioOf(Estimate{Value: mean, Interval: &Interval{Low: mean - half, High: mean + half}})
	return &r
}

func Mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x / float64(len(xs))
	}
	return sum
}

// StudentQuantile takes the fractional degrees of freedom of Welch's form, which
// are none where nothing varied.
func StudentQuantile(p, degrees float64) float64 {
	if !(degrees > 0) {
		return 0
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: degrees}.Quantile(p)
}

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

func SixDigits(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v
	}
	return r
}

func WithoutNaN(xs []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(xs), math.IsNaN)
}

// MeanVariance needs at least two elements for a variance that is a number.
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

// Confidence is the share of intervals that hold the true value.
const Confidence = 0.95

// Power is the chance with which an effect of SmallestEffect is told.
const Power = 0.80

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

// Deviation is the standard deviation of xs; ok is false for fewer than two.
func Deviation(xs []float64) (sd float64, ok bool) {
	if len(xs) < 2 {
		return 0, false
	}
	sd, err := stats.StandardDeviationSample(xs)
	return sd, err == nil
}

// Median is the middle of xs; ok is false without any.
func Median(xs []float64) (m float64, ok bool) {
	m, err := stats.Median(xs)
	return m, err == nil
}

// Student gives the mean of xs with the two-sided Student t interval. It needs
// at least one element and leaves xs as they are.
func Student(xs []float64) Estimate {
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

// RatioOf turns an estimate of a log ratio into one of the ratio.
func RatioOf(log Estimate) Estimate {
	exp := func(x float64) float64 { return math.Exp(min(max(x, -words.MaxLog), words.MaxLog)) }
	r := Estimate{Value: exp(log.Value)}
	if log.Interval != nil {
		r.Interval = &Interval{Low: exp(log.Interval.Low), High: exp(log.Interval.High)}
	}
	return r
}

// Tellable is the smallest effect, as a share, that as many launches as twins
// has elements tell with the stated power, given how far twins of one thing
// came apart (their log ratios).
func Tellable(twins []float64) float64 {
	n := len(twins)
	log := (tQuantile(0.5+Confidence/2, n-1) + tQuantile(Power, n-1)) * standardError(twins)
	return math.Expm1(min(log, words.MaxLog))
}

// PairedP is the two-sided p-value of the hypothesis that the log ratios have
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

// SecondView is a look at the same launches that assumes neither pairs nor a
// distribution: the Mann-Whitney U test.
type SecondView struct {
	P float64 `json:"p"`
	// Notes are the test's own doubts, such as too few samples.
	Notes []string `json:"notes,omitempty"`
}

// MannWhitney compares two sets of launch values. It sorts copies.
func MannWhitney(base, other []float64) *SecondView {
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

// MeanMax are the mean and the largest of xs, nil without any.
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
