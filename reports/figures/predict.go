package figures

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Question is an app as its owner knows it.
type Question struct {
	// AppTime is how long the app itself takes for a request, in seconds, and Rate
	// the requests per second.
	AppTime, Rate float64
	// Target is whose cost is asked for; empty is the run's first beside the baseline.
	Target string
}

// Prediction is what the target would cost more than the baseline.
type Prediction struct {
	Baseline string `json:"baseline"`
	Target   string `json:"target"`
	// Work is what the app time is spent on: FactorCPU or FactorWait; empty for none.
	Work    ancmbench.Factor `json:"app_time_is"`
	AppTime float64          `json:"app_time_seconds"`
	Rate    float64          `json:"rate_per_second"`
	// BaseP50 is the baseline's response time, in seconds; P50 and P99 are what is
	// added to it, and Cores and Memory (bytes) what is used beside it.
	BaseP50 *stats.Estimate `json:"baseline_p50_seconds,omitempty"`
	P50     *stats.Estimate `json:"p50_seconds_more,omitempty"`
	P99     *stats.Estimate `json:"p99_seconds_more,omitempty"`
	Cores   *stats.Estimate `json:"cores_more,omitempty"`
	Memory  *stats.Estimate `json:"memory_bytes_more,omitempty"`
	// Launches is how many fresh starts it rests on.
	Launches int `json:"launches"`
	// NotStated says in one sentence why latencies are missing; empty if none is.
	NotStated string `json:"not_stated,omitempty"`
}

// Predict answers from the points of a run's curve, once for app time that is processor time
// and once for waiting. For no app time there is only one answer. It returns an error of one
// sentence for a question outside the measured ranges.
func Predict(run *ancmbench.Run, q Question) ([]Prediction, error) {
	a, err := Analyse(run)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(a.Curve, func(c Curve) bool { return q.Target == "" || c.Target == q.Target })
	if i < 0 && q.Target != "" && len(a.Curve) > 0 {
		return nil, fmt.Errorf("the run measured no curve of %q: it has that of %s", q.Target, words.List(curveTargets(a)))
	}
	if i < 0 {
		return nil, errors.New("the run has no curve to predict from: make one with 'ancmbench run --profile curve'")
	}
	c := a.Curve[i]
	out, err := predict(c.Measured, q)
	if err != nil {
		return nil, err
	}
	for k := range out {
		out[k].Baseline, out[k].Target = c.Baseline, c.Target
		if m, ok := a.Statement(ancmbench.MemoryLoaded, c.Target); ok {
			out[k].Memory = m.Difference
		}
	}
	return out, nil
}

func predict(points []CurvePoint, q Question) ([]Prediction, error) {
	var out []Prediction
	var faults []error
	for _, work := range []ancmbench.Factor{ancmbench.FactorCPU, ancmbench.FactorWait} {
		fits := fitsOf(points, work)
		if len(fits) == 0 || q.AppTime == 0 && len(out) > 0 {
			continue
		}
		p, err := predictWork(fits, work, q)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if q.AppTime == 0 {
			p.Work = ""
		}
		out = append(out, p)
	}
	switch {
	case len(out) > 0:
		return out, nil
	case len(faults) > 0:
		return nil, faults[0] // they say the same of both kinds of work
	}
	return nil, errors.New("the run lacks the app times or the rates to predict from: make one with 'ancmbench run --profile curve'")
}

// fit is one fresh start's view: app times at their own rates, and how the rate alone
// moves what an app without work of its own costs.
type fit struct {
	launch int
	levels []CurvePoint // ascending, at least two
	rates  []CurvePoint // ascending, at least two, below saturation
}

// saturated limits the rates of a sweep that are used: a rate whose median is more than this
// many times the smallest one is about a full machine.
const saturated = KneeTimes

func fitsOf(points []CurvePoint, work ancmbench.Factor) []fit {
	sweeps := map[int][]CurvePoint{}
	for _, ps := range sweepByLaunch(points) {
		least := [2]float64{math.Inf(1), math.Inf(1)}
		for _, p := range ps {
			least[0], least[1] = min(least[0], p.Base.P50), min(least[1], p.Other.P50)
		}
		full := func(p CurvePoint) bool { return p.Base.P50 > saturated*least[0] || p.Other.P50 > saturated*least[1] }
		for len(ps) > 0 && full(ps[len(ps)-1]) { // from above: below, a median is long by accident only
			ps = ps[:len(ps)-1]
		}
		if len(ps) > 0 {
			sweeps[ps[0].Launch] = ps
		}
	}
	var out []fit
	for _, levels := range byLaunch(points, work) {
		f := fit{launch: levels[0].Launch, levels: levels, rates: sweeps[levels[0].Launch]}
		if len(f.levels) >= 2 && len(f.rates) >= 2 {
			out = append(out, f)
		}
	}
	return out
}

// predictWork takes the mean over the fresh starts, each with a prediction of its own.
func predictWork(fits []fit, work ancmbench.Factor, q Question) (Prediction, error) {
	p := Prediction{Work: work, AppTime: q.AppTime, Rate: q.Rate, Launches: len(fits)}
	shortest, longest, slowest, fastest := 0.0, math.Inf(1), 0.0, math.Inf(1)
	busiest, tail := math.Inf(1), int64(0)
	for _, f := range fits {
		shortest, longest = max(shortest, f.levels[0].Level), min(longest, f.levels[len(f.levels)-1].Level)
		slowest, fastest = max(slowest, f.rates[0].Rate), min(fastest, f.rates[len(f.rates)-1].Rate)
		busiest = min(busiest, f.busiest(work, q.AppTime))
		least := f.levels[0].Base.Samples
		for _, l := range f.levels {
			least = min(least, l.Base.Samples, l.Other.Samples)
		}
		tail += least
	}
	if q.AppTime < shortest || q.AppTime > longest {
		return p, fmt.Errorf("an app time of %s lies outside what the run measured, %s to %s: no extrapolation",
			words.Amount(q.AppTime, "seconds"), words.Amount(shortest, "seconds"), words.Amount(longest, "seconds"))
	}
	if q.Rate < slowest || q.Rate > fastest {
		return p, fmt.Errorf("%s lie outside the rates that the run measured below saturation, %s to %s: no extrapolation",
			words.Rate(q.Rate), words.Rate(slowest), words.Rate(fastest))
	}
	over := func(of func(fit) float64) *stats.Estimate {
		var xs []float64
		for _, f := range fits {
			if x := of(f); !math.IsNaN(x) {
				xs = append(xs, x)
			}
		}
		if len(xs) < len(fits) {
			return nil // some fresh start does not know
		}
		e := stats.Student(xs)
		return &e
	}
	p.Cores = over(func(f fit) float64 { return f.moreCPU(q.AppTime, q.Rate) * q.Rate })
	need := over(func(f fit) float64 { return f.of(1, cpuOf, q.AppTime, q.Rate) * q.Rate })
	if need == nil || need.Value > busiest {
		p.NotStated = "No milliseconds: the run does not show how many cores this needs."
		if need != nil {
			p.NotStated = fmt.Sprintf("No milliseconds: this keeps %.2g cores busy, and the run measured latency up to %.2g; no extrapolation.", need.Value, busiest)
		}
		return p, nil
	}
	p.BaseP50 = over(func(f fit) float64 { return f.of(0, p50Of, q.AppTime, q.Rate) })
	p.P50 = over(func(f fit) float64 { return f.more(p50Of, q.AppTime, q.Rate) })
	if float64(tail)*0.01 >= ancmbench.MinBeyond {
		p.P99 = over(func(f fit) float64 { return f.more(p99Of, q.AppTime, q.Rate) })
	}
	return p, nil
}

// busiest returns the largest number of cores that the target kept busy at any point of the
// fit. The queueing of processor time was measured at those points only, because the sweep's
// requests are short.
func (f fit) busiest(work ancmbench.Factor, appTime float64) float64 {
	points := f.levels
	if work == ancmbench.FactorWait || appTime == 0 {
		points = slices.Concat(f.levels, f.rates)
	}
	most := 0.0
	for _, p := range points {
		most = max(most, p.Rate*p.Other.CPU)
	}
	return most
}

// more returns how much more of a quantity the target has than the baseline.
func (f fit) more(q quantity, level, rate float64) float64 {
	return f.of(1, q, level, rate) - f.of(0, q, level, rate)
}

// moreCPU returns what the target has more of processor time per request: what it has more
// for an app without work, and one straight line through all levels for what the work
// adds to that. It is a small difference of two large figures, most of whose movement
// from level to level is noise; to go from one level to the next, as of does, hands
// that on. Per fresh start and level its variance grows with the CPU per request, but
// weights made of that predict what is left out no better.
func (f fit) moreCPU(level, at float64) float64 {
	alone := f.alone(1, cpuOf, at) - f.alone(0, cpuOf, at)
	if level == 0 {
		return alone
	}
	var levels, added []float64
	for _, p := range f.levels {
		more := known(1, cpuOf)(p) - known(0, cpuOf)(p) - f.alone(1, cpuOf, p.Rate) + f.alone(0, cpuOf, p.Rate)
		if !math.IsNaN(more) {
			levels, added = append(levels, p.Level), append(added, more)
		}
	}
	if len(levels) < 2 {
		return math.NaN()
	}
	intercept, slope := stat.LinearRegression(levels, added, nil, false)
	return alone + intercept + slope*level
}

// of predicts a quantity of one side: its value for an app without work at this rate, and
// what the work adds to it, which is measured at each level against the same at the
// level's own rate. Between levels it is a straight line. NaN where a point is missing.
func (f fit) of(i int, q quantity, level, at float64) float64 {
	if level == 0 { // no work adds nothing: what its points show beyond that is not work
		return f.alone(i, q, at)
	}
	added := func(p CurvePoint) float64 { return known(i, q)(p) - f.alone(i, q, p.Rate) }
	return f.alone(i, q, at) + between(f.levels, func(p CurvePoint) float64 { return p.Level }, added, level)
}

// alone returns a quantity of one side for an app without work: a straight line over the
// log of the rate.
func (f fit) alone(i int, q quantity, rate float64) float64 {
	return between(f.rates, func(p CurvePoint) float64 { return math.Log(p.Rate) }, known(i, q), math.Log(rate))
}

// curveTargets returns those that the run has a curve of.
func curveTargets(a *Analysis) []string {
	var out []string
	for _, c := range a.Curve {
		out = append(out, words.Plain(c.Target))
	}
	return out
}

// known reads a quantity of one side, NaN where it is unknown.
func known(i int, q quantity) func(CurvePoint) float64 {
	return func(p CurvePoint) float64 {
		if v := q(side(p, i)); v > 0 {
			return v
		}
		return math.NaN()
	}
}

// between interpolates y at x over points ascending in x; beyond the ends it is the
// end's.
func between(ps []CurvePoint, x, y func(CurvePoint) float64, at float64) float64 {
	k, found := slices.BinarySearchFunc(ps, at, func(p CurvePoint, v float64) int { return cmp.Compare(x(p), v) })
	switch {
	case found || k == 0:
		return y(ps[k])
	case k == len(ps):
		return y(ps[k-1])
	}
	from, to := ps[k-1], ps[k]
	share := (at - x(from)) / (x(to) - x(from))
	return y(from) + (y(to)-y(from))*share
}
