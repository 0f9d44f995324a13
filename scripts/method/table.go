package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ancmbench/experiment"
	"ancmbench/reports/figures"
)

// logs are log ratios, one per fresh start.
type logs []float64

// mean returns the mean ratio with its 95 % interval; low and high are NaN for fewer than
// two fresh starts.
func (x logs) mean() (ratio, low, high float64) {
	e := figures.OverLaunches(x)
	low, high = math.NaN(), math.NaN()
	if e.Interval != nil {
		low, high = math.Exp(e.Interval.Low), math.Exp(e.Interval.High)
	}
	return math.Exp(e.Value), low, high
}

// spread is the standard deviation; NaN for fewer than two.
func (x logs) spread() float64 {
	mean, sum := figures.OverLaunches(x).Value, 0.0
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(x)-1))
}

func (x logs) String() string {
	r, low, high := x.mean()
	switch {
	case math.IsNaN(r):
		return "-"
	case math.IsNaN(low):
		return fmt.Sprintf("%.3f", r)
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", r, low, high)
}

// percent gives the spread.
func (x logs) percent() string {
	if sd := x.spread(); len(x) > 1 && !math.IsNaN(sd) {
		return fmt.Sprintf("%.1f %%", 100*sd)
	}
	return "-"
}

var quantileNames = [...]string{"p50", "p90", "p99"}

// find gives a quantile of one cell, or ok = false.
func (b block) find(group, design, target, quantile string) (float64, bool) {
	for _, c := range b.Cells {
		if c.Group == group && c.Design == design && c.Target == target {
			if v := c.quantile(quantile); v != nil {
				return *v, true
			}
		}
	}
	return 0, false
}

// ratios are the log ratios of two targets in one design, per fresh start.
func ratios(blocks []block, group, design, of, to, quantile string) (out logs) {
	for _, b := range blocks {
		x, ok1 := b.find(group, design, of, quantile)
		y, ok2 := b.find(group, design, to, quantile)
		if ok1 && ok2 {
			out = append(out, math.Log(x/y))
		}
	}
	return out
}

// against is by how much a design's ratio differs from another design's in the
// same fresh start.
func against(blocks []block, group, design, other, of, to, quantile string) (out logs) {
	for _, b := range blocks {
		one := []block{b}
		x, y := ratios(one, group, design, of, to, quantile), ratios(one, group, other, of, to, quantile)
		if len(x) == 1 && len(y) == 1 {
			out = append(out, x[0]-y[0])
		}
	}
	return out
}

// groups and designsOf list what is in the blocks: groups in their order, designs
// by length, then the others.
func groups(blocks []block) (out []string) {
	for _, b := range blocks {
		for _, c := range b.Cells {
			if !slices.Contains(out, c.Group) {
				out = append(out, c.Group)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return int(leading(a) - leading(b)) })
	return out
}

// leading is the number with which a group begins, so that rates are in order.
func leading(group string) (n float64) {
	if _, err := fmt.Sscanf(group, "%g requests", &n); err != nil {
		return 0 // others keep their order
	}
	return n
}

func designsOf(blocks []block, group string) (out []string) {
	for _, b := range blocks {
		for _, c := range b.Cells {
			if c.Group == group && !slices.Contains(out, c.Design) {
				out = append(out, c.Design)
			}
		}
	}
	rank := func(name string) time.Duration {
		d, err := time.ParseDuration(strings.TrimPrefix(name, "slices of "))
		switch {
		case err == nil:
			return d
		case name == continuousDesign:
			return math.MaxInt64 - 1
		}
		return math.MaxInt64
	}
	slices.SortStableFunc(out, func(a, b string) int {
		if x, y := rank(a), rank(b); x < y {
			return -1
		} else if x > y {
			return 1
		}
		return 0
	})
	return out
}

func tableHead(columns ...string) string {
	return "| " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat("---|", len(columns)) + "\n"
}

func tableRow(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

// comparisonTable shows out/in and the twin in every design.
func comparisonTable(blocks []block) string {
	var s strings.Builder
	for _, g := range groups(blocks) {
		fmt.Fprintf(&s, "**%s**, %d fresh starts\n\n", g, len(blocks))
		s.WriteString(tableHead("design", "p50 out/in", "p90 out/in", "p99 out/in", "p50 ratio against continuous", "A/A p50 (SD)", "A/A p99 (SD)"))
		for _, d := range designsOf(blocks, g) {
			row := []string{d}
			for _, q := range quantileNames {
				row = append(row, ratios(blocks, g, d, "out", "in", q).String())
			}
			apart := "1"
			if d != continuousDesign {
				apart = against(blocks, g, d, continuousDesign, "out", "in", "p50").String()
			}
			row = append(row, apart)
			for _, q := range []string{"p50", "p99"} {
				aa := ratios(blocks, g, d, "twin", "in", q)
				ratio, _, _ := aa.mean()
				word := "-"
				if len(aa) > 0 {
					word = fmt.Sprintf("%.3f (%s)", ratio, aa.percent())
				}
				row = append(row, word)
			}
			s.WriteString(tableRow(row...))
		}
		s.WriteString("\n")
	}
	return s.String()
}

// queueBound is how far a quantile in slices may lie from a continuous phase's.
const queueBound = 0.03

// queueTable shows quantiles in slices against those of a continuous phase of the
// same server with the same arrivals.
func queueTable(blocks []block) string {
	var s strings.Builder
	s.WriteString(tableHead("server", "design", "p50 against continuous", "p99 against continuous", "within 3 %"))
	for _, g := range groups(blocks) {
		for _, d := range designsOf(blocks, g) {
			if d == continuousDesign {
				continue
			}
			row := []string{g, d}
			verdicts := []string{}
			for _, q := range []string{"p50", "p99"} {
				var x logs
				for _, b := range blocks {
					for _, t := range []string{"a", "b"} {
						in, ok1 := b.find(g, d, t, q)
						whole, ok2 := b.find(g, continuousDesign, t, q)
						if ok1 && ok2 {
							x = append(x, math.Log(in/whole))
						}
					}
				}
				row = append(row, x.String())
				verdicts = append(verdicts, within(x))
			}
			s.WriteString(tableRow(append(row, "p50 "+verdicts[0]+", p99 "+verdicts[1])...))
		}
	}
	return s.String() + "\n"
}

// simulatedTable has a line per server and a column per design.
func simulatedTable(blocks []block) string {
	var s strings.Builder
	for i, g := range groups(blocks) {
		all := slices.DeleteFunc(designsOf(blocks, g), func(d string) bool { return d == continuousDesign })
		if i == 0 {
			s.WriteString(tableHead(append([]string{"service time"}, all...)...))
		}
		row := []string{g}
		for _, d := range all {
			word := ""
			for _, q := range []string{"p50", "p99"} {
				in, ok1 := blocks[0].find(g, d, "a", q)
				whole, ok2 := blocks[0].find(g, continuousDesign, "a", q)
				if ok1 && ok2 {
					word += fmt.Sprintf("%s %+.1f %%, ", q, 100*(in/whole-1))
				}
			}
			row = append(row, strings.TrimSuffix(word, ", "))
		}
		s.WriteString(tableRow(row...))
	}
	return s.String() + "\n"
}

// within says whether the interval, or the one value, keeps the bound.
func within(x logs) string {
	r, low, high := x.mean()
	if math.IsNaN(r) {
		return "too few samples"
	}
	if math.IsNaN(low) {
		low, high = r, r
	}
	switch most := 1 + queueBound; {
	case low >= 1/most && high <= most:
		return "yes"
	case high < 1/most || low > most:
		return "no"
	default:
		return "undecided"
	}
}

// table shows how a partner's work between its slices affects the other.
func (g background) table(blocks []block) string {
	var s strings.Builder
	s.WriteString(tableHead("partner, in the other's slices", "measured, of a core", "p50 of the other against a partner at rest", "warned"))
	for _, level := range g.levels {
		var x logs
		var share logs
		flagged, n := 0, 0
		for _, b := range blocks {
			for round := range g.rounds {
				with, rest := b.burnt(level, round), b.burnt(g.levels[0], round)
				if with == nil || rest == nil || with.P50 == nil || rest.P50 == nil {
					continue
				}
				n++
				x = append(x, math.Log(*with.P50 / *rest.P50))
				share = append(share, *with.Background)
				if *with.Background > experiment.BackgroundShare {
					flagged++
				}
			}
		}
		if n == 0 {
			continue
		}
		effect := "1"
		if level != g.levels[0] {
			effect = x.String()
		}
		s.WriteString(tableRow(burnGroup(level), fmt.Sprintf("%.1f %%", 100*figures.OverLaunches(share).Value), effect, fmt.Sprintf("%d of %d", flagged, n)))
	}
	return s.String() + "\n"
}

func (b block) burnt(level float64, round int) *cell {
	for i := range b.Cells {
		if c := &b.Cells[i]; c.Group == burnGroup(level) && c.Round == round {
			return c
		}
	}
	return nil
}

// saidTable shows the decisions and warnings of runs.
func saidTable(blocks []block) string {
	s := tableHead("server", "the latency phase", "the run warned of")
	for _, b := range blocks {
		for _, c := range b.Cells {
			s += tableRow(c.Group, c.Design, c.Said)
		}
	}
	return s + "\n"
}
