package sentences

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// SweepOf returns the curve that has a sweep of this target; nil if there is none.
func SweepOf(a *figures.Analysis, target string) *figures.Curve {
	for i := range a.Curve {
		if c := &a.Curve[i]; c.Target == target && len(c.Limits) == 2 {
			return c
		}
	}
	return nil
}

// SLOStatement is throughput at the SLO beside the statements on metrics, which are
// read from single results; its Ratio and Difference are nil where there is but a bound.
func SLOStatement(c *figures.Curve) figures.Statement {
	return figures.Statement{Metric: "slo_throughput_per_second", Title: "rate at p99 ≤ " + words.Tidy(c.SLO, "seconds"), Unit: "per second",
		Better: ancmbench.Higher, Baseline: c.Baseline, Target: c.Target, Base: c.Limits[0].SLO, Other: c.Limits[1].SLO,
		Difference: c.SLODifference, Ratio: c.SLORatio, Launches: c.Limits[0].Launches}
}

// SLORow is throughput at the SLO as a row of the headline table: its title, baseline,
// target, difference, ratio and reading; nil if the run has no sweep of this target.
func SLORow(a *figures.Analysis, target string) []string {
	c := SweepOf(a, target)
	if c == nil {
		return nil
	}
	s := SLOStatement(c)
	row := []string{figures.Title(s), sloCell(c.Limits[0]), sloCell(c.Limits[1]), figures.Difference(s), stats.Ratio(s.Ratio), figures.Judgement(s)}
	if s.Ratio == nil {
		row[4], row[5] = sloBound(c)
	}
	return row
}

// SLONote returns the load of that row, and explains its "<" and ">". It is empty if there
// is no such row.
func SLONote(a *figures.Analysis) string {
	for _, t := range a.Targets {
		c := SweepOf(a, t)
		if c == nil {
			continue
		}
		said := fmt.Sprintf("%s: of a sweep over %s", SLOStatement(c).Title, words.Count(SweepConnections(c), "connection", "connections"))
		for _, l := range c.Limits {
			if l.SLO == nil && (l.SLOAtLeast != nil || l.SLOAtMost != nil) {
				return said + fmt.Sprintf("; < > beyond its rates, %s to %s, in some fresh starts: a bound and not a mean", words.Digits(l.Lowest), words.Rate(l.Highest))
			}
		}
		return said
	}
	return ""
}

// SweepConnections returns the connections of the sweep, per target.
func SweepConnections(c *figures.Curve) int {
	for _, p := range c.Measured {
		if p.Kind == ancmbench.Sweep {
			return p.Connections
		}
	}
	return 0
}

// sloCell writes one target's throughput at the SLO: "> 80,000 req/s" where it is kept
// at the highest rate.
func sloCell(l figures.SweepLimit) string {
	switch {
	case l.SLO != nil:
		return words.Amount(l.SLO.Value, "per second")
	case l.SLOAtLeast != nil:
		return "> " + words.Amount(*l.SLOAtLeast, "per second")
	case l.SLOAtMost != nil:
		return "< " + words.Amount(*l.SLOAtMost, "per second")
	}
	return words.Absent
}

// sloBound returns the known bound of the ratio, and its reading.
func sloBound(c *figures.Curve) (bound, reading string) {
	switch {
	case c.SLORatioAtMost != nil && *c.SLORatioAtMost < 1:
		return "over " + words.Times(1 / *c.SLORatioAtMost, 0) + "x less", "worse, at least by this"
	case c.SLORatioAtLeast != nil && *c.SLORatioAtLeast > 1:
		return "over " + words.Times(*c.SLORatioAtLeast, 0) + "x", "a gain, at least by this"
	}
	return words.Absent, "not known: beyond the rates swept"
}

// SLOSentence returns throughput at the SLO in a sentence. Where that of one side is beyond
// the rates of the sweep, it returns what is known.
func SLOSentence(c *figures.Curve) string {
	head := fmt.Sprintf("Throughput with a p99 within %s: that of %s is ", words.Tidy(c.SLO, "seconds"), words.Plain(c.Target))
	if c.SLORatio != nil {
		return head + EffectRatio((&figures.CurveEffect{Ratio: *c.SLORatio})) + " of that of " + words.Plain(c.Baseline) + "."
	}
	if len(c.Limits) == 0 {
		return ""
	}
	var known string
	switch least, most := c.SLORatioAtLeast, c.SLORatioAtMost; {
	case most != nil && least != nil:
		known = "between " + words.Times(*least, 0) + "x and " + words.Times(*most, 0) + "x of that of " + words.Plain(c.Baseline)
	case most != nil:
		known = "under " + words.Times(*most, 0) + "x of that of " + words.Plain(c.Baseline)
	case least != nil:
		known = "over " + words.Times(*least, 0) + "x of that of " + words.Plain(c.Baseline)
	default:
		return fmt.Sprintf("Throughput with a p99 within %s: no ratio can be given, since the rates swept, %s to %s, leave it open on both sides.",
			words.Tidy(c.SLO, "seconds"), words.Digits(c.Limits[0].Lowest), words.Rate(c.Limits[0].Highest))
	}
	sure := "95 %"
	if c.Limits[0].Launches == 1 {
		sure = "one fresh start: no interval"
	}
	return head + known + " (" + sure + "); no closer, because in some fresh starts it is not between " + words.Digits(c.Limits[0].Lowest) + " and " + words.Rate(c.Limits[0].Highest) + "."
}
