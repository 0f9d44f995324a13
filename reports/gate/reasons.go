package gate

import (
	"fmt"
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Name returns the name of the hypothesis in sentences: "response p50", with its target and
// workload where there are several.
func (m MetricVerdict) Name(v *Verdict) string {
	s := m.Title
	if m.Budget != nil {
		s = m.Budget.Text
	}
	targets, loads := false, false
	for _, o := range v.Metrics {
		targets = targets || o.Target != m.Target
		loads = loads || o.Workload != m.Workload
	}
	if targets && m.Budget == nil {
		s += " of " + words.Plain(m.Target)
	}
	if loads && m.Workload != "" {
		s += " on " + words.Plain(m.Workload)
	}
	return s
}

// worseBy writes how much worse, with the interval: "6.1 % worse [4.9 %, 7.4 %]".
func (c *cell) worseBy() string {
	p, word := stats.Estimate{Value: 1}, "worse"
	if c.Ratio != nil {
		p = *figures.Penalty(c.Ratio, c.Better)
	}
	if p.Value < 1 {
		p, word = p.Inverse(), "better"
	}
	by := func(r float64) string { return strings.TrimPrefix(words.Relative(r), "+") }
	return by(p.Value) + " " + word + p.Range(by)
}

func (c *cell) whyFail() string {
	if c.Budget != nil {
		return "past the budget: " + stats.Shown(c.Other, c.Unit) + ", " + c.worseBy()
	}
	return c.worseBy()
}

func (c *cell) whyPass() string {
	switch l := c.last(); {
	case c.Budget != nil:
		return "within the budget: " + stats.Shown(c.Other, c.Unit)
	case l.PWorse < l.NeededWorse:
		return c.worseBy() + ", and less than the margin of " + words.Percent(c.Margin)
	default:
		return words.Percent(c.Margin) + " worse is excluded"
	}
}

// whyNot returns what kept the gate from deciding.
func (c *cell) whyNot(f *following, run *ancmbench.Run) string {
	p := f.plan.Filled()
	missing := f.launches - c.seen
	switch {
	case c.seen == 0 && c.note != "":
		return c.note
	case c.seen == 0:
		return "not measured"
	case f.stopped:
		return c.worseBy() + " when the gate failed for another metric, after " + words.Count(c.seen, "fresh start", "fresh starts")
	case c.seen < p.First && f.launches < p.First:
		return fmt.Sprintf("%s, and the first look is at %d%s", words.Count(c.seen, "fresh start", "fresh starts"), p.First, figures.Ended(run))
	case missing > 0 && c.note != "":
		return c.note
	case c.seen < mostOf(p, run):
		return fmt.Sprintf("%d of at most %s%s", c.seen, words.Count(mostOf(p, run), "fresh start", "fresh starts"), figures.Ended(run))
	}
	if _, se, _ := c.Evidence.At(c.seen); c.Stored != nil && 4*c.Between.SD*c.Between.SD > se*se {
		return fmt.Sprintf("runs differ by %s (%s), and the fresh starts of one run cannot show that", words.Percent(c.Between.SD), words.Plain(c.Between.From))
	}
	return words.Count(c.seen, "fresh start", "fresh starts") + " were not enough"
}

// mostOf returns the largest number of fresh starts of a run: that of the plan, or fewer
// where fewer were requested.
func mostOf(p stats.Plan, run *ancmbench.Run) int {
	if n := run.Profile.Launches; n > 0 {
		return min(n, p.Most)
	}
	return p.Most
}

// Told returns the smallest detectable effect in words, for a metric without a decision.
func (m MetricVerdict) Told() string {
	if m.Tells == nil {
		return "the smallest detectable effect is not known: fewer than three values"
	}
	s := fmt.Sprintf("smallest detectable effect: %s with %s", m.Tells.words(), words.Count(m.Tells.Launches, "fresh start", "fresh starts"))
	if m.Best != nil && m.Best.Launches > m.Tells.Launches {
		s += fmt.Sprintf(", %s with %d", m.Best.words(), m.Best.Launches)
	}
	return s
}

// words returns the effect for people. An effect of 10x or more has no figure: a gate
// with such a margin is of no use to anybody.
func (t Tells) words() string {
	if t.Share >= 9 {
		return "more than 10x"
	}
	return words.Effect(t.Share)
}

// attenuationWords returns how much of a true effect a duel shows, and where that was
// measured. It returns "" where nothing is read from a duel.
func (v *Verdict) attenuationWords() string {
	for _, m := range v.Metrics {
		switch {
		case m.Dealing != ancmbench.Duel || m.Budget != nil || !attenuated(m.Unit):
		case m.Attenuation < 1:
			s := fmt.Sprintf("request by request, %s of a true effect shows: the margin of %s is %s there", words.Percent(m.Attenuation), words.Percent(m.Margin), words.Percent(m.seenMargin()))
			if v.AttenuationFrom != "" {
				s += " (" + words.Plain(v.AttenuationFrom) + ")"
			}
			return s
		case v.AttenuationFrom != "":
			return "request by request, all of a true effect shows (" + words.Plain(v.AttenuationFrom) + ")"
		default:
			return "how much of a true effect shows request by request was not measured on this host: all of it is assumed ('ancmbench calibrate --attenuation' measures it)"
		}
	}
	return ""
}

// Asides returns what else the verdict rests on, apart from warnings: how much a duel shows,
// and how much runs differ.
func (v *Verdict) Asides() []string {
	var out []string
	if said := v.attenuationWords(); said != "" {
		out = append(out, said)
	}
	for _, m := range v.Metrics {
		b := m.BetweenRuns
		switch {
		case b == nil:
		case b.From == assumed:
			return append(out, fmt.Sprintf("how much runs of this differ from hour to hour is not known: %s (SD) is assumed, "+
				"so that only a large change can be detected (give more runs with --against, or --history, or --between-runs)", words.Percent(b.SD)))
		default:
			out = append(out, fmt.Sprintf("%s: runs differ by %s (SD), from %s", m.Name(v), words.Percent(b.SD), words.Plain(b.From)))
		}
	}
	return out
}

// warmth returns the doubts whether the servers were warm when they were measured. A cold
// head against a warm base, or two cold servers, do not answer the question of the gate.
func warmth(run *ancmbench.Run) []string {
	var out []string
	for _, a := range advice.Advise(run.Warnings) {
		if a.Code == ancmbench.WarnStillWarming || a.Code == ancmbench.WarnNotWarm {
			s := a.Text
			if where := a.Where(); where != "" {
				s += " (" + where + ")"
			}
			out = append(out, s+"; "+a.Do)
		}
		if a.Code == ancmbench.WarnHeadroom { // another rate than the one that was asked for
			out = append(out, a.Text)
		}
	}
	return out
}

// seenMargin returns the margin as the design shows it.
func (m MetricVerdict) seenMargin() float64 {
	return math.Expm1(m.Attenuation * math.Log1p(m.Margin))
}
