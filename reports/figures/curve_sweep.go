package figures

import (
	"cmp"
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// SweepRate is one rate of a sweep, both targets.
type SweepRate struct {
	Rate float64 `json:"rate_per_second"`
	// P50 and P99 are the geometric means over fresh starts of the response time, in
	// seconds, of baseline and target.
	P50 [2]float64 `json:"p50_seconds"`
	P99 [2]float64 `json:"p99_seconds"`
	// Done is answers per second of baseline and target.
	Done [2]float64   `json:"done_per_second"`
	CPU  *CurveEffect `json:"cpu_seconds_per_request,omitempty"`
}

// SweepLimit is the limit of one target.
type SweepLimit struct {
	Target string `json:"target"`
	// Knee is the rate at which the median is kneeTimes the least of the sweep:
	// where requests begin to queue. SLO is the highest rate whose p99 is within
	// SLOSeconds. Both are requests per second; nil says that not every fresh start has it
	// between Lowest and Highest, and KneeOut and SLOOut in how many it lies beyond.
	Knee *stats.Estimate `json:"knee_per_second,omitempty"`
	SLO  *stats.Estimate `json:"slo_per_second,omitempty"`
	// SLOAtLeast and SLOAtMost stand in for SLO: the geometric mean with the highest
	// rate for the fresh starts that keep it there, or the lowest for those that never do.
	SLOAtLeast *float64 `json:"slo_at_least_per_second,omitempty"`
	SLOAtMost  *float64 `json:"slo_at_most_per_second,omitempty"`
	KneeOut    Outside  `json:"knee_outside"`
	SLOOut     Outside  `json:"slo_outside"`
	SLOSeconds float64  `json:"slo_p99_seconds"`
	Lowest     float64  `json:"lowest_per_second"`
	Highest    float64  `json:"highest_per_second"`
	Launches   int      `json:"launches"`
}

// Outside counts fresh starts in which a limit is not between the rates of the sweep.
type Outside struct {
	Past  int `json:"past"`  // kept at the highest rate
	Under int `json:"under"` // broken at the lowest one
	// Unknown has no value where it would have to be known: above the highest rate
	// that is known to keep the bound, or below the lowest known to break it.
	Unknown int `json:"unknown"`
}

const (
	KneeTimes  = 3.0
	DefaultSLO = 5e-3 // seconds, where a profile names none
)

// sloOf returns the bound on p99 of the profile, in seconds.
func sloOf(p ancmbench.Profile) float64 {
	if p.SLO == 0 {
		return DefaultSLO
	}
	return p.SLO.Float()
}

func sweepOf(points []CurvePoint, baseline, target string, slo float64) ([]SweepRate, []SweepLimit) {
	points = knownTails(points)
	var rates []SweepRate
	for _, ps := range byPlace(points) {
		if ps[0].Kind != ancmbench.Sweep {
			continue
		}
		mean := func(q quantity) [2]float64 {
			var out [2]float64
			for i := range out {
				var xs []float64
				for _, p := range ps {
					if v := q(side(p, i)); v > 0 {
						xs = append(xs, v)
					}
				}
				if len(xs) > 0 {
					out[i] = Center(xs).Value
				}
			}
			return out
		}
		rates = append(rates, SweepRate{Rate: ps[0].Rate, P50: mean(p50Of), P99: mean(p99Of),
			Done: mean(func(v PointValue) float64 { return v.Done }), CPU: curveEffect(ps, cpuOf, 1)})
	}
	if len(rates) < 2 {
		return nil, nil
	}
	slices.SortFunc(rates, func(a, b SweepRate) int { return cmp.Compare(a.Rate, b.Rate) })
	var limits []SweepLimit
	for i, name := range []string{baseline, target} {
		limits = append(limits, limitOf(points, i, name, slo))
	}
	return rates, limits
}

// knownTails removes the p99 of a rate in a sweep if all fresh starts together have fewer
// than MinBeyond samples beyond it, as curveEffect does.
func knownTails(points []CurvePoint) []CurvePoint {
	samples := map[float64][2]int64{}
	for _, p := range points {
		if p.Kind == ancmbench.Sweep {
			n := samples[p.Rate]
			samples[p.Rate] = [2]int64{n[0] + p.Base.Samples, n[1] + p.Other.Samples}
		}
	}
	out := slices.Clone(points)
	for i := range out {
		p := &out[i]
		for k, v := range []*PointValue{&p.Base, &p.Other} {
			if p.Kind == ancmbench.Sweep && float64(samples[p.Rate][k])*0.01 < ancmbench.MinBeyond {
				v.P99 = 0
			}
		}
	}
	return out
}

// side returns the baseline's value for 0, the target's for 1.
func side(p CurvePoint, i int) PointValue {
	if i == 0 {
		return p.Base
	}
	return p.Other
}

// sweepByLaunch returns each fresh start's rates of a sweep, ascending.
func sweepByLaunch(points []CurvePoint) [][]CurvePoint {
	in := map[int][]CurvePoint{}
	var order []int
	for _, p := range points {
		if p.Kind == ancmbench.Sweep && p.Rate > 0 {
			if in[p.Launch] == nil {
				order = append(order, p.Launch)
			}
			in[p.Launch] = append(in[p.Launch], p)
		}
	}
	slices.Sort(order)
	var out [][]CurvePoint
	for _, l := range order {
		slices.SortFunc(in[l], func(a, b CurvePoint) int { return cmp.Compare(a.Rate, b.Rate) })
		out = append(out, in[l])
	}
	return out
}

// limitOf finds both limits fresh start by fresh start, by straight lines between the logs of
// neighbouring rates, and states them when every fresh start has reached them.
func limitOf(points []CurvePoint, i int, name string, slo float64) SweepLimit {
	l := SweepLimit{Target: name, SLOSeconds: slo}
	var knees, slos []float64
	for _, ps := range sweepByLaunch(points) {
		if len(ps) < 2 {
			continue
		}
		l.Launches++
		l.Highest = max(l.Highest, ps[len(ps)-1].Rate)
		if l.Lowest == 0 || ps[0].Rate < l.Lowest {
			l.Lowest = ps[0].Rate
		}
		least := math.Inf(1)
		for _, p := range ps {
			if v := side(p, i).P50; v > 0 {
				least = min(least, v)
			}
		}
		knees = l.KneeOut.add(knees, ps, i, p50Of, KneeTimes*least)
		slos = l.SLOOut.add(slos, ps, i, p99Of, slo)
	}
	state := func(logs []float64) *stats.Estimate {
		if l.Launches == 0 || len(logs) < l.Launches {
			return nil
		}
		e := stats.RatioOf(stats.Student(logs))
		return &e
	}
	l.Knee, l.SLO = state(knees), state(slos)
	return l
}

// add puts the log of where a bound is crossed to the logs, or counts it.
func (o *Outside) add(logs []float64, ps []CurvePoint, i int, q quantity, bound float64) []float64 {
	switch r, where := crossing(ps, i, q, bound); where {
	case pastIt:
		o.Past++
	case underIt:
		o.Under++
	case notKnown:
		o.Unknown++
	default:
		return append(logs, math.Log(r))
	}
	return logs
}

// where is the place of a limit in a sweep.
type where int

const (
	within   where = iota
	pastIt         // kept at the highest rate
	underIt        // broken at the lowest one
	notKnown       // see Outside.Unknown
)

// crossing returns the rate from which on a quantity stays above a bound, between the
// rates at which it is known.
func crossing(ps []CurvePoint, i int, q quantity, bound float64) (rate float64, _ where) {
	lowest, highest := ps[0].Rate, ps[len(ps)-1].Rate
	ps = slices.DeleteFunc(slices.Clone(ps), func(p CurvePoint) bool { return !(q(side(p, i)) > 0) })
	if len(ps) == 0 {
		return 0, notKnown
	}
	last := len(ps) - 1
	at := func(k int) float64 { return math.Log(q(side(ps[k], i)) / bound) }
	if at(last) <= 0 {
		if ps[last].Rate < highest {
			return 0, notKnown
		}
		return 0, pastIt
	}
	for k := last - 1; k >= 0; k-- {
		if lo, hi := at(k), at(k+1); lo <= 0 {
			from, to := math.Log(ps[k].Rate), math.Log(ps[k+1].Rate)
			return math.Exp(from + (to-from)*(-lo)/(hi-lo)), within
		}
	}
	if ps[0].Rate > lowest {
		return 0, notKnown
	}
	return 0, underIt
}
