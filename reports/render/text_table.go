package render

import (
	"github.com/jedib0t/go-pretty/v6/table"

	"ancmbench"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// headlineTable returns the table on the screen. For two targets it has one row per metric.
// For more there are a table of values and a table of ratios with a row per target. It is
// empty when nothing was measured.
func headlineTable(a *figures.Analysis, width int) string {
	switch {
	case len(a.Series) == 0:
		return ""
	case len(a.Targets) == 1:
		return pairTable(a, a.Targets[0], width)
	case len(a.Targets) == 0:
		return valueTable(a, width)
	case len(a.Breakdown.Parts()) > 0: // says more than ratios against one rung do
		return valueTable(a, width)
	default:
		return valueTable(a, width) + "\n \n" + ratioTable(a, width)
	}
}

func pairTable(a *figures.Analysis, target string, width int) string {
	room := max((width-64)/2, 14)
	t := page.NewTable()
	t.AppendHeader(table.Row{"", words.Short(a.Baseline, room), words.Short(target, room), "difference", "ratio [95 % interval]"})
	for _, name := range a.HeadlineMetrics() {
		s, ok := a.Statement(name, target)
		if !ok { // the notes name it
			continue
		}
		row := table.Row{figures.Title(s), stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit), figures.Difference(s), stats.Ratio(s.Ratio)}
		t.AppendRow(page.Narrowed(row, width))
		if slo := sentences.SLORow(a, target); slo != nil && name == ancmbench.PeakThroughput {
			t.AppendRow(page.Narrowed(page.Cells(slo[:5]), width))
		}
	}
	t.SetColumnConfigs(page.Columns(5, 5))
	return page.Fit(t, width)
}

func valueTable(a *figures.Analysis, width int) string {
	t := page.NewTable()
	head := table.Row{""}
	for _, name := range a.HeadlineMetrics() {
		m, _ := ancmbench.MetricByName(name)
		head = append(head, m.Short())
	}
	t.AppendHeader(head)
	for _, target := range a.EveryTarget() {
		row := table.Row{words.Short(target, max(width-66, 14))}
		for _, name := range a.HeadlineMetrics() {
			cell := words.Absent
			if s, ok := a.SeriesOf(name, target); ok {
				cell = words.Amount(s.Center.Value, s.Unit)
			}
			row = append(row, cell)
		}
		t.AppendRow(page.Narrowed(row, width))
	}
	t.SetColumnConfigs(page.Columns(len(head), 0))
	return page.Fit(t, width)
}

// ratioMetrics returns the columns of the table of ratios: as many as fit with
// their intervals.
func ratioMetrics(a *figures.Analysis) []string {
	return []string{a.Median(), ancmbench.CPUPerRequest, ancmbench.PeakThroughput}
}

func ratioTable(a *figures.Analysis, width int) string {
	t := page.NewTable()
	head := table.Row{"against " + words.Short(a.Baseline, max(width-85, 12))}
	for _, name := range ratioMetrics(a) {
		m, _ := ancmbench.MetricByName(name)
		head = append(head, m.Short())
	}
	t.AppendHeader(head)
	for _, target := range a.Targets {
		row := table.Row{words.Short(target, max(width-76, 14))}
		for _, name := range ratioMetrics(a) {
			cell := words.Absent
			if s, ok := a.Statement(name, target); ok {
				cell = stats.Ratio(s.Ratio)
			}
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(page.Columns(len(head), 0))
	return page.Fit(t, width)
}
