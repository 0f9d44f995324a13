package sentences

import (
	"fmt"
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Answer returns the run in plain sentences: the interval, the rate it holds for,
// and the cost in cores at that rate. It has at least one element.
func Answer(run *ancmbench.Run, a *figures.Analysis) []string {
	t := tell(run, a, false)
	return append(append(t.Alerts, t.Main), t.More...)
}

// Told is the answer in its parts.
type Told struct {
	// Alerts say what keeps the run from being whole.
	Alerts []string
	// Main is the answer in one sentence, and More what belongs to it.
	Main string
	More []string
}

// Tell returns the answer in its parts. Each can stand alone: it names its target.
func Tell(run *ancmbench.Run, a *figures.Analysis) Told { return tell(run, a, true) }

func tell(run *ancmbench.Run, a *figures.Analysis, named bool) Told {
	var t Told
	switch run.State {
	case ancmbench.Interrupted, ancmbench.Failed, ancmbench.Running:
		if a.Launches > 0 {
			t.Alerts = append(t.Alerts, stopped(run))
		}
	}
	if s := Gone(a); s != "" {
		t.Alerts = append(t.Alerts, s)
	}
	said := answer(run, a, named)
	t.Main, t.More = said[0], said[1:]
	return t
}

// answer has at least one element. named says whether the sentence on the cost names its
// target, or begins with "It" after the sentence on the penalty.
func answer(run *ancmbench.Run, a *figures.Analysis, named bool) []string {
	if a.Launches == 0 {
		return []string{nothingYet(run)}
	}
	if len(a.Targets) == 0 {
		return []string{alone(a)}
	}
	if of := breakdownAnswer(run, a.Breakdown, a, named); len(of) > 0 {
		return of
	}
	if len(a.Targets) > 2 {
		if many := ranged(run, a); len(many) > 0 {
			return many
		}
	}
	var out []string
	for _, t := range a.Targets {
		if s := mainSentence(run, a, t, figures.PenaltyOf(run, t)); s != "" {
			out = append(out, s)
		}
		if s := costSentence(a, t, named || len(a.Targets) > 1); s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return []string{"There is nothing to compare: no counted trial measured both sides."}
	}
	return out
}

// Gone says that targets no longer answered when they were last asked; "" if all did.
func Gone(a *figures.Analysis) string {
	if len(a.Trust.Gone) == 0 {
		return ""
	}
	s := goneWords(a.Trust) + "; " + words.Count(a.Trust.FailedTrials(), "trial was", "trials were") + " discarded."
	if a.Launches > 0 {
		s += " What follows is of before."
	}
	return s
}

func stopped(run *ancmbench.Run) string {
	word := map[ancmbench.RunState]string{
		ancmbench.Interrupted: "Interrupted", ancmbench.Failed: "Failed", ancmbench.Running: "Not finished"}[run.State]
	why := ""
	if run.Reason != "" {
		why = " (" + words.Plain(run.Reason) + ")"
	}
	return fmt.Sprintf("%s%s: %s done; the figures rest on what was measured until then.", word, why, figures.ProgressOf(run))
}

func nothingYet(run *ancmbench.Run) string {
	why := ""
	if run.Reason != "" {
		why = " " + words.Plain(run.Reason) + "."
	}
	return "No counted result yet: " + figures.ProgressOf(run) + " done." + why
}

func alone(a *figures.Analysis) string {
	s, ok := a.SeriesOf(a.Median(), a.Baseline)
	if !ok {
		return words.Plain(a.Baseline) + " was measured alone: there is nothing to compare it with."
	}
	return fmt.Sprintf("%s, measured alone: %s time %s at the median.", words.Plain(a.Baseline), a.Latency, words.Amount(s.Center.Value, s.Unit))
}

// ranged returns the smallest and the largest of many targets; the table has all.
func ranged(run *ancmbench.Run, a *figures.Analysis) []string {
	var out []string
	if least, most, ok := extremes(a, a.Median(), func(s figures.Statement) *stats.Estimate { return s.Ratio }); ok {
		out = append(out, fmt.Sprintf("The penalty at %s: the median %s time is from %s (%s) to %s (%s) that of %s, %s (%s).",
			words.Rate(least.Rate), a.Latency, stats.Ratio(least.Ratio), words.Plain(least.Target), stats.Ratio(most.Ratio), words.Plain(most.Target),
			words.Plain(a.Baseline), stats.Value(least.Base, least.Unit), figures.Starts(run, least.Launches)))
	}
	if least, most, ok := extremes(a, ancmbench.CPUPerRequest, func(s figures.Statement) *stats.Estimate { return s.Cores }); ok {
		out = append(out, fmt.Sprintf("The cost at that rate is from %s (%s) to %s (%s).",
			words.Signed(least.Cores.Value, "cores"), words.Plain(least.Target), words.Signed(most.Cores.Value, "cores"), words.Plain(most.Target)))
	}
	return out
}

// extremes returns the statements on a metric with the least and the greatest value.
func extremes(a *figures.Analysis, metric string, of func(figures.Statement) *stats.Estimate) (least, most figures.Statement, ok bool) {
	for _, t := range a.Targets {
		s, found := a.Statement(metric, t)
		if !found || of(s) == nil {
			continue
		}
		if !ok || of(s).Value < of(least).Value {
			least = s
		}
		if !ok || of(s).Value > of(most).Value {
			most = s
		}
		ok = true
	}
	return least, most, ok
}

// mainSentence states the ratio of the median latencies, or of the first
// headline metric that there is, as the penalty that it is called.
func mainSentence(run *ancmbench.Run, a *figures.Analysis, target, penalty string) string {
	for _, name := range a.HeadlineMetrics() {
		if s, ok := a.Statement(name, target); ok && s.Ratio != nil {
			return sentence(run, s, naming(a, s), penalty)
		}
	}
	return ""
}

// naming returns the metric's name in a sentence.
func naming(a *figures.Analysis, s figures.Statement) string {
	if s.Metric == a.Median() {
		return "median " + a.Latency + " time"
	}
	return s.Title
}

// sentence returns one ratio with its values, its interval and its conditions.
func sentence(run *ancmbench.Run, s figures.Statement, name, penalty string) string {
	lead := "The " + penalty
	if s.Rate > 0 {
		lead += " at " + words.Rate(s.Rate)
	}
	lead += ":"
	base, other := stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit)
	starts := figures.Starts(run, s.Launches)
	if s.Ratio.Interval == nil {
		return fmt.Sprintf("%s the %s of %s is %s that of %s, %s instead of %s, from %s, so no interval can be given.",
			lead, name, words.Plain(s.Target), fold(*s.Ratio), words.Plain(s.Baseline), other, base, oneOf(run, s))
	}
	half := s.Ratio.Half()
	if !s.Told() {
		return fmt.Sprintf("%s no difference was detected between the %s of %s (%s) and of %s (%s): the ratio's 95 %% interval, %s to %s, includes 1 (%s).",
			lead, name, words.Plain(s.Target), other, words.Plain(s.Baseline), base,
			words.Times(s.Ratio.Interval.Low, half), words.Times(s.Ratio.Interval.High, half), starts)
	}
	e, less := stats.Turned(*s.Ratio)
	word, gain := "", ""
	if less {
		word = " less than"
	}
	if !s.Worse() {
		gain = ", a gain"
	}
	return fmt.Sprintf("%s the %s of %s is %sx%s that of %s%s, %s instead of %s (95 %% interval %sx to %sx, %s).",
		lead, name, words.Plain(s.Target), words.Times(e.Value, e.Half()), word, words.Plain(s.Baseline), gain,
		other, base, words.Times(e.Interval.Low, e.Half()), words.Times(e.Interval.High, e.Half()), starts)
}

// oneOf writes "one fresh start", or "one of 3 fresh starts" where the others lack the metric.
func oneOf(run *ancmbench.Run, s figures.Statement) string {
	if s.Of > 1 {
		return "one of " + figures.Starts(run, s.Of)
	}
	return "one" + strings.TrimPrefix(figures.Starts(run, 1), "1")
}

// fold writes "2.31x" or, for less, "0.44x".
func fold(e stats.Estimate) string { return words.Times(e.Value, e.Half()) + "x" }

// costSentence states what the target costs more in cores at the rate, and in
// memory. A difference that was not detected gets a sentence of its own, so that "no difference
// detected" never reads as "the same".
func costSentence(a *figures.Analysis, target string, named bool) string {
	who := "It"
	if named {
		who = words.Plain(target)
	}
	cpu, cpuUntold := cpuClause(a, target)
	mem, memUntold := memoryClause(a, target)
	var told []string
	for _, clause := range []string{cpu, mem} {
		if clause != "" {
			told = append(told, clause)
		}
	}
	var sentences []string
	if len(told) > 0 {
		sentences = append(sentences, who+" "+strings.Join(told, ", and ")+".")
	}
	for _, s := range []string{cpuUntold, memUntold} {
		if s != "" {
			sentences = append(sentences, s)
		}
	}
	return strings.Join(sentences, " ")
}

// cpuClause returns a verb and its object where a difference was detected, and otherwise
// a sentence that says so. The ratio decides, because the table below shows the ratio:
// with few fresh starts the interval of the difference may disagree.
func cpuClause(a *figures.Analysis, target string) (clause, untold string) {
	s, ok := a.Statement(ancmbench.CPUPerRequest, target)
	if !ok || s.Cores == nil {
		return "", ""
	}
	c := *s.Cores
	interval := ""
	if c.Interval != nil {
		if !s.Told() {
			return "", noCPUDifference(s, target)
		}
		if r := s.Ratio; r != nil && (c.Interval.Holds(0) || (c.Value > 0) != (r.Value > 1)) {
			return fmt.Sprintf("takes %s %s the CPU at that rate (%s)", fold(*r), stats.Bounds(*r), words.Signed(c.Value, "cores")), ""
		}
		low, high := math.Abs(c.Interval.Low), math.Abs(c.Interval.High)
		interval = fmt.Sprintf(" [%s, %s]", coreCount(min(low, high)), coreCount(max(low, high)))
	}
	per := words.Amount(math.Abs(s.Difference.Value), s.Unit)
	if c.Value < 0 {
		return fmt.Sprintf("saves %s%s at that rate (%s of CPU per request)", words.Amount(-c.Value, "cores"), interval, per), ""
	}
	return fmt.Sprintf("costs %s%s more at that rate (%s of CPU per request)", words.Amount(c.Value, "cores"), interval, per), ""
}

func noCPUDifference(s figures.Statement, target string) string {
	held, why := *s.Cores.Interval, "95 % interval"
	show, includes := coreCount, ""
	if s.Ratio != nil && s.Ratio.Interval != nil && !held.Holds(0) {
		half := s.Ratio.Half()
		held, why, includes = *s.Ratio.Interval, "the ratio's 95 % interval,", ", includes 1"
		show = func(v float64) string { return words.Times(v, half) }
	}
	return fmt.Sprintf("No difference in CPU was detected for %s at that rate (%s, %s %s to %s%s).",
		words.Plain(target), words.Signed(s.Cores.Value, "cores"), why, show(held.Low), show(held.High), includes)
}

// coreCount writes a number of cores without the word.
func coreCount(v float64) string {
	if math.Abs(v) < 0.001 {
		return fmt.Sprintf("%.4f", v)
	}
	return words.TwoDigits(v)
}

func memoryClause(a *figures.Analysis, target string) (clause, untold string) {
	s, ok := a.Statement(ancmbench.MemoryLoaded, target)
	if !ok || s.Difference == nil {
		return "", ""
	}
	d := s.Difference.Value
	switch {
	case s.Launches > 1 && !s.Told():
		return "", "No difference in memory under load was detected for " + words.Plain(target) + "."
	case d < 0:
		return "uses " + words.Amount(-d, s.Unit) + " less memory under load", ""
	default:
		return "uses " + words.Amount(d, s.Unit) + " more memory under load", ""
	}
}
