package figures

import (
	"cmp"
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Curve is what hosting costs as a function of what the app does and how it is
// reached: one target against the baseline.
type Curve struct {
	Baseline string `json:"baseline"`
	Target   string `json:"target"`
	// Points are in the order of the profile.
	Points []PointStatement `json:"points"`
	// Fades say from which app time on the penalty is small.
	Fades []Fade `json:"fades,omitempty"`
	// TLS is what TLS adds to each side and by how much it moves the penalty, on one
	// front and with one load engine; nil if the run does not tell.
	TLS *TLSEffect `json:"tls,omitempty"`
	// Sweep has one element per rate, ascending; Limits one per target.
	Sweep  []SweepRate  `json:"sweep,omitempty"`
	Limits []SweepLimit `json:"limits,omitempty"`
	// SLORatio is the target's throughput at the SLO over the baseline's; nil unless
	// every fresh start shows both.
	SLORatio *stats.Estimate `json:"slo_throughput_ratio,omitempty"`
	// SLODifference is target minus baseline, where there is a ratio.
	SLODifference *stats.Estimate `json:"slo_throughput_difference_per_second,omitempty"`
	// SLORatioAtLeast and SLORatioAtMost stand in for the ratio where it lies beyond the
	// rates swept: the ends of the 95 % intervals of the least and of the most that
	// every fresh start leaves possible.
	SLORatioAtLeast *float64 `json:"slo_throughput_ratio_at_least,omitempty"`
	SLORatioAtMost  *float64 `json:"slo_throughput_ratio_at_most,omitempty"`

	// Measured are the points of each fresh start, and SLO the bound that the sweep is held
	// to, in seconds; the statements above are made of them.
	Measured []CurvePoint `json:"-"`
	SLO      float64      `json:"-"`
}

// PointStatement is one point over all launches.
type PointStatement struct {
	Phase  string           `json:"phase"`
	Factor ancmbench.Factor `json:"factor"`
	// Level is in Unit; both are empty for a factor without an amount.
	Level       float64 `json:"level"`
	Unit        string  `json:"unit,omitempty"`
	Front       string  `json:"front,omitempty"`
	Rate        float64 `json:"rate_per_second"`
	Connections int     `json:"connections"`
	// Took is how long the baseline was seen to wait, in seconds, for FactorWait: a
	// runtime's timer may take longer than it was asked for.
	Took float64 `json:"took_seconds,omitempty"`
	// P50 and P99 are of the response time, or of the service time for a Front.
	P50       *CurveEffect `json:"p50_seconds,omitempty"`
	P99       *CurveEffect `json:"p99_seconds,omitempty"`
	FirstByte *CurveEffect `json:"first_byte_p50_seconds,omitempty"`
	CPU       *CurveEffect `json:"cpu_seconds_per_request,omitempty"`
}

// Fade is the app time from which on the p50 penalty stays below a share.
type Fade struct {
	Factor ancmbench.Factor `json:"factor"`
	Share  float64          `json:"share"`
	// From is in seconds of app time; nil if it was not reached in every fresh start.
	From *stats.Estimate `json:"from_seconds,omitempty"`
	// Reached counts the fresh starts in which it was, of Launches; Longest is the
	// longest app time that was measured.
	Reached  int     `json:"reached"`
	Launches int     `json:"launches"`
	Longest  float64 `json:"longest_seconds"`
}

// FadeShares are the shares of the penalty for which the report gives an app time.
var FadeShares = []float64{0.05, 0.01}

// curvesOf makes a curve per target; nil if the run has neither points nor a sweep.
func curvesOf(run *ancmbench.Run, o *Observations, baseline string, targets []string) []Curve {
	var out []Curve
	for _, t := range targets {
		points := pointsOf(run, o, baseline, t)
		if !slices.ContainsFunc(points, func(p CurvePoint) bool { return p.Factor != "" || p.Kind == ancmbench.Sweep }) {
			continue
		}
		out = append(out, CurveOf(points, baseline, t, sloOf(run.Profile)))
	}
	return out
}

// CurveOf makes the curve of one target against the baseline from the points of each
// fresh start; slo is the bound on p99 in seconds by which the sweep is read.
func CurveOf(points []CurvePoint, baseline, target string, slo float64) Curve {
	c := Curve{Baseline: baseline, Target: target, Measured: points, SLO: slo}
	for _, ps := range byPlace(points) {
		p := ps[0]
		if p.Factor == "" {
			continue
		}
		st := PointStatement{Phase: p.Phase, Factor: p.Factor, Level: p.Level, Unit: p.Factor.LevelUnit(), Front: p.Front,
			Rate: p.Rate, Connections: p.Connections,
			P50: curveEffect(ps, p50Of, 0.5), P99: curveEffect(ps, p99Of, 0.01), CPU: curveEffect(ps, cpuOf, 1)}
		if p.Factor == ancmbench.FactorStream {
			st.FirstByte = curveEffect(ps, firstByteOf, 0.5)
		}
		c.Points = append(c.Points, st)
	}
	c.took()
	c.TLS = tlsOf(points)
	for _, f := range []ancmbench.Factor{ancmbench.FactorCPU, ancmbench.FactorWait} {
		for _, share := range FadeShares {
			if fade, ok := fadeOf(points, f, share); ok {
				c.Fades = append(c.Fades, fade)
			}
		}
	}
	c.Sweep, c.Limits = sweepOf(points, baseline, target, slo)
	throughputAt(points, slo).fill(&c)
	return c
}

// Of returns the points of one factor, by level.
func (c *Curve) Of(f ancmbench.Factor) []PointStatement {
	var out []PointStatement
	for _, p := range c.Points {
		if p.Factor == f {
			out = append(out, p)
		}
	}
	if f.LevelUnit() != "" {
		slices.SortStableFunc(out, func(a, b PointStatement) int { return cmp.Compare(a.Level, b.Level) })
	}
	return out
}

// fadeOf finds, fresh start by fresh start, the app time from which on difference over
// baseline stays below the share. Between levels both are taken as straight lines.
func fadeOf(points []CurvePoint, f ancmbench.Factor, share float64) (Fade, bool) {
	fade := Fade{Factor: f, Share: share}
	var froms []float64
	for _, ps := range byLaunch(points, f) {
		if len(ps) < 2 {
			continue
		}
		fade.Launches++
		fade.Longest = max(fade.Longest, ps[len(ps)-1].Level)
		if from, ok := fadeIn(ps, share); ok {
			froms = append(froms, from)
		}
	}
	fade.Reached = len(froms)
	if fade.Launches > 0 && fade.Reached == fade.Launches {
		e := stats.Student(froms)
		if e.Interval != nil {
			e.Interval.Low = max(e.Interval.Low, 0)
		}
		fade.From = &e
	}
	return fade, fade.Launches > 0
}

// fadeIn takes one fresh start's points, ascending by level.
func fadeIn(ps []CurvePoint, share float64) (float64, bool) {
	excess := func(p CurvePoint) float64 { return p.Other.P50 - p.Base.P50*(1+share) } // below 0: small enough
	last := len(ps) - 1
	if excess(ps[last]) >= 0 {
		return 0, false
	}
	for i := last - 1; i >= 0; i-- {
		if hi, lo := excess(ps[i]), excess(ps[i+1]); hi >= 0 {
			return ps[i].Level + (ps[i+1].Level-ps[i].Level)*hi/(hi-lo), true
		}
	}
	return ps[0].Level, true
}

// byLaunch returns one factor's points of each fresh start, ascending by level; points
// that lack a median are left out.
func byLaunch(points []CurvePoint, f ancmbench.Factor) [][]CurvePoint {
	var order []int
	in := map[int][]CurvePoint{}
	for _, p := range points {
		if p.Factor != f || p.Base.P50 <= 0 || p.Other.P50 <= 0 {
			continue
		}
		if !slices.Contains(order, p.Launch) {
			order = append(order, p.Launch)
		}
		in[p.Launch] = append(in[p.Launch], p)
	}
	slices.Sort(order)
	var out [][]CurvePoint
	for _, l := range order {
		if f == ancmbench.FactorWait {
			asWaited(in[l])
		}
		slices.SortStableFunc(in[l], func(a, b CurvePoint) int { return cmp.Compare(a.Level, b.Level) })
		out = append(out, in[l])
	}
	return out
}

// asWaited replaces the requested waits by the real ones: the runtime's timer may take a
// millisecond longer, and the baseline shows by how much.
func asWaited(ps []CurvePoint) {
	none := 0.0
	for _, p := range ps {
		if p.Level == 0 {
			none = p.Base.P50
		}
	}
	for i := range ps {
		if p := &ps[i]; p.Level > 0 && none > 0 {
			p.Level = max(p.Level, p.Base.P50-none)
		}
	}
}

// IsPoint reports whether a phase is a point of a curve, which is shown as such.
func (a *Analysis) IsPoint(phase string) bool {
	for _, c := range a.Curve {
		for _, p := range c.Points {
			if p.Phase == phase {
				return true
			}
		}
	}
	return false
}

// took fills in the length of the waits.
func (c *Curve) took() {
	none := math.NaN()
	for _, p := range c.Of(ancmbench.FactorWait) {
		if p.Level == 0 && p.P50 != nil {
			none = p.P50.Base
		}
	}
	for i := range c.Points {
		if p := &c.Points[i]; p.Factor == ancmbench.FactorWait && p.Level > 0 && p.P50 != nil && p.P50.Base > none {
			p.Took = p.P50.Base - none
		}
	}
}

// TLSEffect is the 2 x 2 table of TLS and hosting, in seconds of median service time.
type TLSEffect struct {
	// Base and Other are what TLS adds to baseline and target.
	Base  stats.Estimate `json:"baseline_seconds_more"`
	Other stats.Estimate `json:"target_seconds_more"`
	// Penalty is what it adds to the target beyond what it adds to the baseline.
	Penalty stats.Estimate `json:"penalty_seconds_more"`
}

// tlsOf compares the fronts "tls" and "nethttp" within each fresh start.
func tlsOf(points []CurvePoint) *TLSEffect {
	bare := map[int]CurvePoint{}
	for _, p := range points {
		if p.Factor == ancmbench.FactorFront && p.Front == "nethttp" {
			bare[p.Launch] = p
		}
	}
	var base, other, penalty []float64
	for _, p := range points {
		b, ok := bare[p.Launch]
		if p.Factor != ancmbench.FactorFront || p.Front != "tls" || !ok {
			continue
		}
		onBase, onOther := p.Base.P50-b.Base.P50, p.Other.P50-b.Other.P50
		base, other, penalty = append(base, onBase), append(other, onOther), append(penalty, onOther-onBase)
	}
	if len(base) == 0 {
		return nil
	}
	return &TLSEffect{Base: stats.Student(base), Other: stats.Student(other), Penalty: stats.Student(penalty)}
}
