package html

import (
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

func ratiosSection(a *figures.Analysis, margins charts.Margins) *Section {
	return section("ratios", "Ratios", charts.Forest(a, margins))
}

func latencySection(a *figures.Analysis) *Section {
	var fs []*page.Figure
	var drawn [][2]string // phase and workload
	for _, c := range a.Pooled {
		s := [2]string{c.Phase, c.Workload}
		if slices.Contains(drawn, s) || a.IsPoint(c.Phase) {
			continue
		}
		drawn = append(drawn, s)
		f := charts.Percentiles(a, c.Phase, c.Workload, len(drawn))
		if f != nil && len(drawn) > 1 {
			f.Title += " (" + words.Plain(c.Phase) + ", " + words.Plain(c.Workload) + ")"
		}
		fs = append(fs, f)
	}
	return section("latency", "Latency by percentile", fs...)
}

func overTimeSection(a *figures.Analysis) *Section {
	return section("time", "Over time", charts.OverTime(a))
}

func throughputSection(a *figures.Analysis) *Section {
	s := section("throughput", "Throughput against latency", charts.SweepFigures(a)...)
	if s == nil {
		return nil
	}
	for i := range a.Curve {
		for _, l := range a.Curve[i].Limits {
			if said := sentences.LimitSentence(l); !slices.Contains(s.List, said) {
				s.List = append(s.List, said)
			}
		}
		if said := sentences.SLOSentence(&a.Curve[i]); said != "" {
			s.List = append(s.List, said)
		}
	}
	return s
}

func cpuSection(a *figures.Analysis) *Section {
	return section("processor", "CPU", charts.CPUByRole(a))
}

func curveSection(a *figures.Analysis) *Section {
	return section("curve", "What the app does, and how it is reached", charts.CurveFigures(a)...)
}

func memorySection(a *figures.Analysis) *Section {
	return section("memory-by-role", "Memory", charts.MemoryByRole(a), charts.MemoryOverTime(a))
}

func startsSection(a *figures.Analysis) *Section {
	return section("fresh-starts", "Fresh starts", charts.Paired(a, a.Median()),
		charts.Strip(a, ancmbench.PeakThroughput, "Peak throughput, closed loop"),
		charts.Strip(a, ancmbench.FirstAnswer, "Cold start: from connect to the first answer, nothing running"))
}

func breakdownSection(a *figures.Analysis) *Section {
	b := a.Breakdown
	if len(b.Parts()) == 0 {
		return nil
	}
	s := &Section{ID: "breakdown", Title: "What the penalty is made of", List: sentences.BreakdownLegend,
		Notes: []string{sentences.BreakdownConditions(b) + " A part marked ~ cannot be distinguished from zero."}}
	for _, d := range sentences.BreakdownOnScreen(b) {
		s.Figures = append(s.Figures, charts.Waterfall(d, b))
	}
	s.Tables = breakdownTables(b)
	for _, why := range b.LeftOut {
		s.After = append(s.After, "Not run on this host: "+words.Plain(why)+".")
	}
	return s
}

func breakdownTables(b *figures.Breakdown) []Table {
	var all []*figures.BrokenDown
	for i := range b.Metrics {
		all = append(all, &b.Metrics[i])
	}
	rows, sum, app := sentences.BreakdownRows(b, all), len(figures.SumSteps)+3, len(b.App)
	var out []Table
	for _, t := range []struct {
		title string
		rows  [][]string
	}{{"The sum, metric by metric", rows[:sum]}, {"Beside the sum, each against its neighbour", rows[sum : len(rows)-app]},
		{"The app's own CPU per request behind a hop, compared with direct requests", rows[len(rows)-app:]}} {
		if len(t.rows) == 0 {
			continue
		}
		g := page.Grid{Head: []string{""}, Class: "wide"}
		for _, d := range all {
			g.Head = append(g.Head, d.Title)
		}
		for _, row := range t.rows {
			row[0] = strings.TrimSpace(row[0])
			g.Rows = append(g.Rows, row)
		}
		out = append(out, Table{t.title, g})
	}
	return out
}

func recoverySection(a *figures.Analysis) *Section {
	if len(a.Recoveries) == 0 {
		return nil
	}
	g := page.Grid{Head: sentences.RecoveryHead, Class: "words"}
	for _, r := range a.Recoveries {
		g.Rows = append(g.Rows, sentences.RecoveryLine(r))
	}
	return &Section{ID: "recovery", Title: "When a process dies", Tables: []Table{{"", g}}, Notes: []string{
		"A process is killed under load (kill -9). The time runs from the kill to the last byte of the next correct answer. Lost requests got no correct answer."}}
}
