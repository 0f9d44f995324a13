package reports

import (
	"fmt"
	"math"
	"slices"

	"ancmbench"
)

// throughputAtSLO compares the highest rates within the SLO, launch by launch. Where a
// launch keeps it at the highest rate of the sweep, or breaks it at the lowest one, its
// own is only known to lie beyond, and so is the ratio.
type throughputAtSLO struct {
	launches int
	// from and to hold, for baseline and target, the logs of what each launch leaves
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

// combined takes the elements of a and b together, launch by launch; nil if there is
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

// exact reports whether every launch has both between the rates.
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
		ratio := ratioOf(student(t.combined(t.to[1], t.to[0], less)))
		more := student(t.combined(t.to[1], t.to[0], func(a, b float64) float64 { return math.Exp(a) - math.Exp(b) }))
		c.SLORatio, c.SLODifference = &ratio, &more
		return
	}
	c.SLORatioAtLeast = oneEnd(t.combined(t.from[1], t.to[0], less), func(e Estimate) float64 { return e.low() })
	c.SLORatioAtMost = oneEnd(t.combined(t.to[1], t.from[0], less), func(e Estimate) float64 { return e.high() })
}

func itself(a, _ float64) float64 { return a }

func middle(e Estimate) float64 { return e.Value }

// oneEnd reads one figure of the estimate over the launches' logs; nil without logs.
func oneEnd(logs []float64, of func(Estimate) float64) *float64 {
	if logs == nil {
		return nil
	}
	v := of(ratioOf(student(logs)))
	return &v
}

// low and high are the ends of the interval, or the value where there is none.
func (e Estimate) low() float64 {
	if e.Interval == nil {
		return e.Value
	}
	return e.Interval.Low
}

func (e Estimate) high() float64 {
	if e.Interval == nil {
		return e.Value
	}
	return e.Interval.High
}

// sweepWith is the curve that has a sweep of this target; nil if there is none.
func (a *Analysis) sweepWith(target string) *Curve {
	for i := range a.Curve {
		if c := &a.Curve[i]; c.Target == target && len(c.Limits) == 2 {
			return c
		}
	}
	return nil
}

// sloStatement is throughput at the SLO beside the statements on metrics, which are
// read from single results; its Ratio and Difference are nil where there is but a bound.
func (c *Curve) sloStatement() Statement {
	return Statement{Metric: "slo_throughput_per_second", Title: "rate at p99 ≤ " + tidy(c.SLO, "seconds"), Unit: "per second",
		Better: ancmbench.Higher, Baseline: c.Baseline, Target: c.Target, Base: c.Limits[0].SLO, Other: c.Limits[1].SLO,
		Difference: c.SLODifference, Ratio: c.SLORatio, Launches: c.Limits[0].Launches}
}

// sloRow is throughput at the SLO as a row of the headline table: its title, baseline,
// target, difference, ratio and reading; nil if the run has no sweep of this target.
func (a *Analysis) sloRow(target string) []string {
	c := a.sweepWith(target)
	if c == nil {
		return nil
	}
	s := c.sloStatement()
	row := []string{title(s), c.Limits[0].sloCell(), c.Limits[1].sloCell(), difference(s), ratio(s), judgement(s)}
	if s.Ratio == nil {
		row[4], row[5] = c.sloBound()
	}
	return row
}

// sloNote says under which load that row holds, and explains its "<" and ">"; empty if
// there is no such row.
func (a *Analysis) sloNote() string {
	for _, t := range a.Targets {
		c := a.sweepWith(t)
		if c == nil {
			continue
		}
		words := fmt.Sprintf("%s: of a sweep over %s", c.sloStatement().Title, count(c.connections(), "connection", "connections"))
		for _, l := range c.Limits {
			if l.SLO == nil && (l.SLOAtLeast != nil || l.SLOAtMost != nil) {
				return words + fmt.Sprintf("; < > beyond its rates, %s to %s, in some fresh starts: a bound and not a mean", digits(l.Lowest), rate(l.Highest))
			}
		}
		return words
	}
	return ""
}

// connections are those of the sweep, per target.
func (c *Curve) connections() int {
	for _, p := range c.Measured {
		if p.Kind == ancmbench.Sweep {
			return p.Connections
		}
	}
	return 0
}

// sloCell writes one target's throughput at the SLO: "> 80,000 req/s" where it is kept
// at the highest rate.
func (l SweepLimit) sloCell() string {
	switch {
	case l.SLO != nil:
		return amount(l.SLO.Value, "per second")
	case l.SLOAtLeast != nil:
		return "> " + amount(*l.SLOAtLeast, "per second")
	case l.SLOAtMost != nil:
		return "< " + amount(*l.SLOAtMost, "per second")
	}
	return absent
}

// sloBound writes the bound of the ratio that is known, and how it reads.
func (c *Curve) sloBound() (bound, reading string) {
	switch {
	case c.SLORatioAtMost != nil && *c.SLORatioAtMost < 1:
		return "over " + times(1 / *c.SLORatioAtMost, 0) + "x less", "worse, at least by this"
	case c.SLORatioAtLeast != nil && *c.SLORatioAtLeast > 1:
		return "over " + times(*c.SLORatioAtLeast, 0) + "x", "a gain, at least by this"
	}
	return absent, "not told: beyond the rates swept"
}

// sloSentence states throughput at the SLO, and where a side's lies beyond the rates of
// the sweep what that leaves to be said.
func (c *Curve) sloSentence() string {
	head := fmt.Sprintf("Throughput with a p99 within %s: that of %s is ", amount(c.SLO, "seconds"), plain(c.Target))
	if c.SLORatio != nil {
		return head + (&CurveEffect{Ratio: *c.SLORatio}).ratio() + " of that of " + plain(c.Baseline) + "."
	}
	if len(c.Limits) == 0 {
		return ""
	}
	var known string
	switch least, most := c.SLORatioAtLeast, c.SLORatioAtMost; {
	case most != nil && least != nil:
		known = "between " + times(*least, 0) + "x and " + times(*most, 0) + "x of that of " + plain(c.Baseline)
	case most != nil:
		known = "under " + times(*most, 0) + "x of that of " + plain(c.Baseline)
	case least != nil:
		known = "over " + times(*least, 0) + "x of that of " + plain(c.Baseline)
	default:
		return fmt.Sprintf("Throughput with a p99 within %s: no ratio can be given, since the rates swept, %s to %s, leave it open on both sides.",
			amount(c.SLO, "seconds"), digits(c.Limits[0].Lowest), rate(c.Limits[0].Highest))
	}
	sure := "95 %"
	if c.Limits[0].Launches == 1 {
		sure = "one fresh start: no interval"
	}
	return head + known + " (" + sure + "); no closer, since not every fresh start has it between " + digits(c.Limits[0].Lowest) + " and " + rate(c.Limits[0].Highest) + "."
}
