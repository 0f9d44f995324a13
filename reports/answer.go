package reports

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"ancmbench"
)

// Answer is the run in plain sentences: the interval, the rate it holds for,
// and the cost in cores at that rate. It has at least one element.
func Answer(run *ancmbench.Run, a *Analysis) []string {
	var out []string
	switch run.State {
	case ancmbench.Interrupted, ancmbench.Failed, ancmbench.Running:
		if a.Launches > 0 {
			out = append(out, stopped(run))
		}
	}
	if a.Launches == 0 {
		return append(out, nothingYet(run))
	}
	if len(a.Targets) == 0 {
		return append(out, alone(a))
	}
	if of := a.Breakdown.answer(a); len(of) > 0 {
		return append(out, of...)
	}
	if len(a.Targets) > 2 {
		if many := ranged(a); len(many) > 0 {
			return append(out, many...)
		}
	}
	for _, t := range a.Targets {
		if s := mainSentence(a, t); s != "" {
			out = append(out, s)
		}
		if s := costSentence(a, t, len(a.Targets) > 1); s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		out = append(out, "Nothing that counts was measured of both sides of a comparison.")
	}
	return out
}

func stopped(run *ancmbench.Run) string {
	word := map[ancmbench.RunState]string{
		ancmbench.Interrupted: "Interrupted", ancmbench.Failed: "Failed", ancmbench.Running: "Not finished"}[run.State]
	why := ""
	if run.Reason != "" {
		why = " (" + plain(run.Reason) + ")"
	}
	return fmt.Sprintf("%s%s: %s done; this rests on what was measured.", word, why, progressOf(run))
}

func nothingYet(run *ancmbench.Run) string {
	why := ""
	if run.Reason != "" {
		why = " " + plain(run.Reason) + "."
	}
	return "No result that counts yet: " + progressOf(run) + " done." + why
}

func alone(a *Analysis) string {
	s, ok := a.value(a.Latency+"_p50_seconds", a.Baseline)
	if !ok {
		return plain(a.Baseline) + " was measured alone: there is nothing to compare it with."
	}
	return fmt.Sprintf("%s, measured alone: %s time %s at the median.", plain(a.Baseline), a.Latency, amount(s.Center.Value, s.Unit))
}

// ranged states the least and the greatest of many targets; the table has all.
func ranged(a *Analysis) []string {
	var out []string
	if least, most, ok := a.extremes(a.Latency+"_p50_seconds", func(s Statement) *Estimate { return s.Ratio }); ok {
		out = append(out, fmt.Sprintf("At %s, the median %s time is from %s (%s) to %s (%s) that of %s, %s (%s).",
			rate(least.Rate), a.Latency, ratio(least), plain(least.Target), ratio(most), plain(most.Target),
			plain(a.Baseline), value(least.Base, least.Unit), count(least.Launches, "fresh start", "fresh starts")))
	}
	if least, most, ok := a.extremes("cpu_seconds_per_request", func(s Statement) *Estimate { return s.Cores }); ok {
		out = append(out, fmt.Sprintf("The cost at that rate is from %s (%s) to %s (%s).",
			signed(least.Cores.Value, "cores"), plain(least.Target), signed(most.Cores.Value, "cores"), plain(most.Target)))
	}
	return out
}

// extremes are the statements on a metric with the least and the greatest value.
func (a *Analysis) extremes(metric string, of func(Statement) *Estimate) (least, most Statement, ok bool) {
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
// headline metric that there is.
func mainSentence(a *Analysis, target string) string {
	for _, name := range a.headlineMetrics() {
		if s, ok := a.Statement(name, target); ok && s.Ratio != nil {
			return sentence(s, naming(a, s))
		}
	}
	return ""
}

// naming is what a sentence calls the metric.
func naming(a *Analysis, s Statement) string {
	if s.Metric == a.Latency+"_p50_seconds" {
		return "median " + a.Latency + " time"
	}
	return s.Title
}

// sentence states one ratio with its values, its interval and its conditions.
func sentence(s Statement, name string) string {
	at, the := "", "The "
	if s.Rate > 0 {
		at, the = "At "+rate(s.Rate)+", ", "the "
	}
	base, other := value(s.Base, s.Unit), value(s.Other, s.Unit)
	starts := count(s.Launches, "fresh start", "fresh starts")
	if s.Ratio.Interval == nil {
		return fmt.Sprintf("%s%s%s of %s is %s that of %s: %s instead of %s, from one fresh start, so no interval can be given.",
			at, the, name, plain(s.Target), fold(*s.Ratio), plain(s.Baseline), other, base)
	}
	half := s.Ratio.half()
	if !s.Told() {
		return fmt.Sprintf("%sno difference is told between the %s of %s (%s) and of %s (%s): the ratio's 95 %% interval, %s to %s, includes 1 (%s).",
			cmp.Or(at, "By these figures, "), name, plain(s.Target), other, plain(s.Baseline), base,
			times(s.Ratio.Interval.Low, half), times(s.Ratio.Interval.High, half), starts)
	}
	e, less := turned(*s.Ratio)
	word, gain := "", ""
	if less {
		word = " less than"
	}
	if !s.Worse() {
		gain = ", a gain"
	}
	return fmt.Sprintf("%s%s%s of %s is %sx%s that of %s%s: %s instead of %s (95 %% interval %sx to %sx, %s).",
		at, the, name, plain(s.Target), times(e.Value, e.half()), word, plain(s.Baseline), gain,
		other, base, times(e.Interval.Low, e.half()), times(e.Interval.High, e.half()), starts)
}

// fold writes "2.31x" or, for less, "0.44x".
func fold(e Estimate) string { return times(e.Value, e.half()) + "x" }

// costSentence states what the target costs more in cores at the rate, and in
// memory. What is not told is a sentence of its own, so that "no difference
// told" never reads as "the same".
func costSentence(a *Analysis, target string, named bool) string {
	who := "It"
	if named {
		who = plain(target)
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

// cpuClause is a verb and its object where a difference is told, and otherwise
// a sentence that says so. Whether it is told is the ratio's to say, which the table
// below shows: with few fresh starts the difference's interval may say otherwise.
func cpuClause(a *Analysis, target string) (clause, untold string) {
	s, ok := a.Statement("cpu_seconds_per_request", target)
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
			return fmt.Sprintf("takes %s %s the CPU at that rate (%s)", fold(*r), bounds(*r), signed(c.Value, "cores")), ""
		}
		low, high := math.Abs(c.Interval.Low), math.Abs(c.Interval.High)
		interval = fmt.Sprintf(" [%s, %s]", coreCount(min(low, high)), coreCount(max(low, high)))
	}
	per := amount(math.Abs(s.Difference.Value), s.Unit)
	if c.Value < 0 {
		return fmt.Sprintf("saves %s%s at that rate (%s of CPU per request)", amount(-c.Value, "cores"), interval, per), ""
	}
	return fmt.Sprintf("costs %s%s more at that rate (%s of CPU per request)", amount(c.Value, "cores"), interval, per), ""
}

func noCPUDifference(s Statement, target string) string {
	held, why := *s.Cores.Interval, "95 % interval"
	show, includes := coreCount, ""
	if s.Ratio != nil && s.Ratio.Interval != nil && !held.Holds(0) {
		half := s.Ratio.half()
		held, why, includes = *s.Ratio.Interval, "the ratio's 95 % interval,", ", includes 1"
		show = func(v float64) string { return times(v, half) }
	}
	return fmt.Sprintf("No difference in CPU is told for %s at that rate (%s, %s %s to %s%s).",
		plain(target), signed(s.Cores.Value, "cores"), why, show(held.Low), show(held.High), includes)
}

// coreCount is a number of cores without the word.
func coreCount(v float64) string {
	if math.Abs(v) < 0.001 {
		return fmt.Sprintf("%.4f", v)
	}
	return twoDigits(v)
}

func memoryClause(a *Analysis, target string) (clause, untold string) {
	s, ok := a.Statement("memory_loaded_bytes", target)
	if !ok || s.Difference == nil {
		return "", ""
	}
	d := s.Difference.Value
	switch {
	case s.Launches > 1 && !s.Told():
		return "", "No difference in memory under load is told for " + plain(target) + "."
	case d < 0:
		return "holds " + amount(-d, s.Unit) + " less memory under load", ""
	default:
		return "holds " + amount(d, s.Unit) + " more memory under load", ""
	}
}
