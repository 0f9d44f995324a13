package figures

import (
	"cmp"
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Matter is how much a penalty is of the response time of an app with work of its own.
type Matter struct {
	// Work is the app's own work on a request, in seconds.
	Work float64 `json:"app_seconds"`
	// Share is the penalty over the response time with the penalty.
	Share stats.Estimate `json:"share"`
	// Measured says that an app with this work was measured. Otherwise the share is
	// calculated: the penalty is taken to be that of an app without work.
	Measured bool `json:"measured"`
}

// matterWork is the work for which a share is calculated, in seconds.
var matterWork = []float64{0.1e-3, 1e-3, 10e-3, 100e-3}

// Matters returns the shares for more and more work, from the statement on median latency.
// Where the run has a curve of the app's processor time, its points replace what can be
// calculated up to the longest of them. It returns nil if the statement has no pair.
func Matters(s Statement, curve *Curve) []Matter {
	var out []Matter
	longest := 0.0
	if curve != nil {
		for _, p := range curve.Of(ancmbench.FactorCPU) {
			if m, ok := measuredMatter(curve.Measured, p.Level); ok {
				out, longest = append(out, m), max(longest, p.Level)
			}
		}
	}
	for _, work := range matterWork {
		if work > longest && len(s.Pairs) > 0 {
			out = append(out, Matter{Work: work, Share: s.shareOf(work)})
		}
	}
	slices.SortFunc(out, func(a, b Matter) int { return cmp.Compare(a.Work, b.Work) })
	return out
}

// shareOf returns the share of the penalty with more work, from the difference that stands in
// the table and the ends of its interval: so that the two never have different signs.
func (s Statement) shareOf(work float64) stats.Estimate {
	var bases, others []float64
	for _, p := range s.Pairs {
		bases, others = append(bases, p.Base), append(others, p.Other)
	}
	d := stats.Difference(bases, others)
	base := stats.SideMean(bases)
	share := func(penalty float64) float64 {
		if whole := base + work + penalty; whole > 0 {
			return max(penalty/whole, -1)
		}
		return -1 // a gain of the whole time, or more
	}
	out := stats.Estimate{Value: share(d.Value)}
	if i := d.Interval; i != nil {
		out.Interval = &stats.Interval{Low: share(i.Low), High: share(i.High)}
	}
	return out
}

// measuredMatter takes a share from each fresh start's medians at one level.
func measuredMatter(points []CurvePoint, level float64) (Matter, bool) {
	var shares []float64
	for _, p := range points {
		if p.Factor == ancmbench.FactorCPU && p.Level == level && level > 0 && p.Base.P50 > 0 && p.Other.P50 > 0 {
			shares = append(shares, (p.Other.P50-p.Base.P50)/p.Other.P50)
		}
	}
	if len(shares) == 0 {
		return Matter{}, false
	}
	return Matter{Work: level, Share: stats.Student(shares), Measured: true}, true
}

// Detected reports whether the share differs from zero; without an interval it does not.
func (m Matter) Detected() bool { return m.Share.Interval != nil && !m.Share.Interval.Holds(0) }

// Rounded returns the share in percent, with the decimals that it bears.
func (m Matter) Rounded() float64 {
	p := 100 * m.Share.Value
	if math.Abs(p) >= 9.95 {
		return math.Round(p)
	}
	return math.Round(10*p)/10 + 0 // no minus before a zero
}
