package sentences

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ancmbench"

	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// WithInterval writes "+60.2 µs [+55.1, +65.3]": the value and the ends of its
// interval in one unit and with the same decimals, and "~" where it holds zero.
func WithInterval(e stats.Estimate, unit string) string {
	if e.Interval == nil {
		return words.Signed(e.Value, unit)
	}
	most := max(math.Abs(e.Value), math.Abs(e.Interval.Low), math.Abs(e.Interval.High))
	_, name, _ := strings.Cut(words.Amount(most, unit), " ")
	factor := 1.0
	for _, s := range append(words.SecondScales, words.ByteScales...) {
		if s.Name == name {
			factor = s.From
		}
	}
	decimals := 2
	switch v := most / factor; {
	case v >= 99.95:
		decimals = 0
	case v >= 9.995:
		decimals = 1
	}
	number := func(v float64) string {
		s := strconv.FormatFloat(math.Abs(v/factor), 'f', decimals, 64)
		switch {
		case strings.Trim(s, "0.") == "": // rounded away, and its sign with it
			return s
		case v < 0:
			return "-" + s
		}
		return "+" + s
	}
	out := number(e.Value) + " " + name + e.Range(number)
	if e.Interval.Holds(0) {
		out += " " + stats.Same
	}
	return out
}

// BreakdownHeadline returns the metric that is shown first, and nil when nothing was taken
// apart.
func BreakdownHeadline(b *figures.Breakdown) *figures.BrokenDown {
	if b == nil || len(b.Metrics) == 0 {
		return nil
	}
	return &b.Metrics[0]
}

// breakdownMetric finds one that was taken apart.
func breakdownMetric(b *figures.Breakdown, name string) *figures.BrokenDown {
	for i := range b.Metrics {
		if b.Metrics[i].Metric == name {
			return &b.Metrics[i]
		}
	}
	return nil
}

// breakdownAnswer returns the penalty in a sentence, as if the two models had been the run, and
// then what it is made of.
func breakdownAnswer(run *ancmbench.Run, b *figures.Breakdown, a *figures.Analysis, named bool) []string {
	if b == nil {
		return nil
	}
	first := b.Penalty[0]
	pair := &figures.Analysis{Baseline: first.Baseline, Targets: []string{first.Target}, Latency: a.Latency, Statements: b.Penalty}
	var out []string
	for _, s := range []string{mainSentence(run, pair, first.Target, figures.LoopbackPenalty), costSentence(pair, first.Target, named)} {
		if s != "" {
			out = append(out, s)
		}
	}
	if len(b.Absent) > 0 {
		hint := "; --model=all has every rung"
		for _, why := range b.LeftOut {
			if name, _, _ := strings.Cut(why, ":"); slices.Contains(b.Absent, name) {
				hint = "" // that was asked for, and why not it says below
			}
		}
		return append(out, fmt.Sprintf("It is not taken apart: %s %s not measured%s.",
			words.List(b.Absent), map[bool]string{true: "was", false: "were"}[len(b.Absent) == 1], hint))
	}
	for _, name := range []string{a.Median(), ancmbench.CPUPerRequest} {
		if d := breakdownMetric(b, name); d != nil {
			out = append(out, brokenSentence(d))
		}
	}
	return out
}

// brokenSentence says which parts differ detectably from zero, the largest first, and
// which do not.
func brokenSentence(d *figures.BrokenDown) string {
	what := map[bool]string{true: "CPU", false: d.Title}[d.Metric == ancmbench.CPUPerRequest]
	if d.Launches == 1 {
		return fmt.Sprintf("From one fresh start no part of the penalty in %s can be distinguished from zero.", what)
	}
	var detected, undetected []string
	for _, p := range bySize(d) {
		switch {
		case !p.Told:
			undetected = append(undetected, PartTitle(p))
		case p.Share != nil:
			detected = append(detected, fmt.Sprintf("%s %s (%s)", PartTitle(p), words.Signed(p.Difference.Value, d.Unit), words.Percent(*p.Share)))
		default:
			detected = append(detected, PartTitle(p)+" "+words.Signed(p.Difference.Value, d.Unit))
		}
	}
	text := fmt.Sprintf("The %s of penalty in %s", words.Signed(d.Penalty.Value, d.Unit), what)
	if d.Penalty.Interval.Holds(0) {
		text = fmt.Sprintf("The penalty in %s (%s) cannot be distinguished from zero, and", what, WithInterval(d.Penalty, d.Unit))
		if len(detected) == 0 {
			return text + " neither can any part of it."
		}
		return text + " of its parts only " + words.List(detected) + " can."
	}
	if len(detected) == 0 {
		return text + " cannot be divided: the interval of every part includes zero."
	}
	text += " is made of " + words.List(detected)
	if len(undetected) > 0 {
		text += fmt.Sprintf("; %s cannot be distinguished from zero", words.List(undetected))
	}
	return text + "."
}

// PartTitle returns a part's name in a sentence.
func PartTitle(p figures.Part) string {
	before, _, _ := strings.Cut(p.Title, ":")
	return before
}

// bySize returns the parts of the sum, the largest first.
func bySize(d *figures.BrokenDown) []figures.Part {
	out := append([]figures.Part(nil), d.Parts...)
	for i := range out {
		for k := i; k > 0 && math.Abs(out[k].Difference.Value) > math.Abs(out[k-1].Difference.Value); k-- {
			out[k], out[k-1] = out[k-1], out[k]
		}
	}
	return out
}

// BreakdownLegend explains each rung of the sum to a reader who does not know them.
var BreakdownLegend = []string{
	"in-process: the web server calls the app in its own process",
	"the app's own server (direct - in-process): no web server in front, the app answers by itself",
	"transport (relay - direct): a relay in front that only copies bytes, which any hop costs at least",
	"HTTP work (bare - relay): the web server's front in place of the relay: it reads each request and forwards it",
	"module work (out-of-process - bare): pairing token, forwarded headers, checks",
}

// BreakdownRows returns the lines of the breakdown's table: a name, and a cell per metric.
func BreakdownRows(b *figures.Breakdown, metrics []*figures.BrokenDown) [][]string {
	line := func(name string, cell func(*figures.BrokenDown) string) []string {
		row := []string{name}
		for _, d := range metrics {
			row = append(row, cell(d))
		}
		return row
	}
	names := [2]string{b.Penalty[0].Baseline, b.Penalty[0].Target}
	out := [][]string{line(names[0], func(d *figures.BrokenDown) string { return words.Amount(d.In, d.Unit) })}
	for i, st := range figures.SumSteps {
		out = append(out, line("  + "+st.Title, func(d *figures.BrokenDown) string { return WithInterval(d.Parts[i].Difference, d.Unit) }))
	}
	out = append(out, line("= "+names[1], func(d *figures.BrokenDown) string { return words.Amount(d.Out, d.Unit) }),
		line("the penalty", func(d *figures.BrokenDown) string { return WithInterval(d.Penalty, d.Unit) }))
	for _, st := range figures.BesideSteps {
		row := line("  "+st.Title, func(d *figures.BrokenDown) string {
			for _, p := range d.Beside {
				if p.Name == st.Name {
					return WithInterval(p.Difference, d.Unit)
				}
			}
			return words.Absent
		})
		if strings.Join(row[1:], "") != strings.Repeat(words.Absent, len(metrics)) {
			out = append(out, row)
		}
	}
	for _, p := range b.App {
		out = append(out, line("  "+p.Title, func(d *figures.BrokenDown) string {
			if d.Metric == ancmbench.CPUPerRequest {
				return WithInterval(p.Difference, d.Unit)
			}
			return ""
		}))
	}
	return out
}

// BreakdownOnScreen returns the metrics of which the screen has columns.
func BreakdownOnScreen(b *figures.Breakdown) []*figures.BrokenDown {
	var out []*figures.BrokenDown
	for i := range b.Metrics[:min(2, len(b.Metrics))] {
		out = append(out, &b.Metrics[i])
	}
	return out
}

// BesideTitle and AppTitle are the headings of rows that are not part of the sum.
const (
	BesideTitle = "beside the sum, each against its neighbour"
	AppTitle    = "the app's own CPU, against asked directly"
)

// BreakdownConditions returns the conditions of the breakdown.
func BreakdownConditions(b *figures.Breakdown) string {
	d := BreakdownHeadline(b)
	return fmt.Sprintf("What the penalty is made of, at %s: each part with its 95 %% interval over %s. The parts add up.",
		words.Rate(b.Rate), words.Count(d.Launches, "fresh start", "fresh starts"))
}
