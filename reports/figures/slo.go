package figures

import (
	"math"
	"slices"

	"ancmbench/reports/stats"
)

// throughputAtSLO compares the highest rates within the SLO, fresh start by fresh start. Where a
// fresh start keeps it at the highest rate of the sweep, or breaks it at the lowest one, its
// own is only known to lie beyond, and so is the ratio.
type throughputAtSLO struct {
	launches int
	// from and to hold, for baseline and target, the logs of what each fresh start leaves
	// possible; the same where it lies between the rates.
	from, to [2][]float64
}

func throughputAt(points []CurvePoint, slo float64) throughputAtSLO {
	var t throughputAtSLO
	for _, ps := range sweepByLaunch(knownTails(points)) {
		if len(ps) < 2 {
			continue
		}
		t.launches++
		for i := range t.from {
			from, to := math.Inf(-1), math.Inf(1)
			switch r, where := crossing(ps, i, p99Of, slo); where {
			case within:
				from, to = math.Log(r), math.Log(r)
			case pastIt:
				from = math.Log(ps[len(ps)-1].Rate)
			case underIt:
				to = math.Log(ps[0].Rate)
			}
			t.from[i], t.to[i] = append(t.from[i], from), append(t.to[i], to)
		}
	}
	return t
}

// combined takes the elements of a and b together, fresh start by fresh start; nil if there is
// none, or one is not finite.
func (t throughputAtSLO) combined(a, b []float64, of func(a, b float64) float64) []float64 {
	var out []float64
	for l := range t.launches {
		x := of(a[l], b[l])
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return nil
		}
		out = append(out, x)
	}
	return out
}

func less(a, b float64) float64 { return a - b }

// exact reports whether every fresh start has both between the rates.
func (t throughputAtSLO) exact() bool {
	return t.launches > 0 && slices.Equal(t.from[0], t.to[0]) && slices.Equal(t.from[1], t.to[1])
}

// fill states the target's throughput at the SLO against the baseline's, or what is
// known of it.
func (t throughputAtSLO) fill(c *Curve) {
	for i := range c.Limits {
		l := &c.Limits[i]
		if l.SLO != nil {
			continue
		}
		l.SLOAtLeast = oneEnd(t.combined(t.from[i], t.from[i], itself), middle)
		l.SLOAtMost = oneEnd(t.combined(t.to[i], t.to[i], itself), middle)
	}
	if t.exact() {
		ratio := stats.RatioOf(stats.Student(t.combined(t.to[1], t.to[0], less)))
		raised := func(a, _ float64) float64 { return math.Exp(a) }
		more := stats.Difference(t.combined(t.to[0], t.to[0], raised), t.combined(t.to[1], t.to[1], raised))
		c.SLORatio, c.SLODifference = &ratio, &more
		return
	}
	c.SLORatioAtLeast = oneEnd(t.combined(t.from[1], t.to[0], less), func(e stats.Estimate) float64 { return e.Low() })
	c.SLORatioAtMost = oneEnd(t.combined(t.to[1], t.from[0], less), func(e stats.Estimate) float64 { return e.High() })
}

func itself(a, _ float64) float64 { return a }

func middle(e stats.Estimate) float64 { return e.Value }

// oneEnd reads one figure of the estimate over the launches' logs; nil without logs.
func oneEnd(logs []float64, of func(stats.Estimate) float64) *float64 {
	if logs == nil {
		return nil
	}
	v := of(stats.RatioOf(stats.Student(logs)))
	return &v
}
