package render

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// writeRecoveries writes a line for each killed process: what its death cost.
func writeRecoveries(p *page.Screen, a *figures.Analysis) {
	if len(a.Recoveries) == 0 {
		return
	}
	t := page.NewTable()
	t.AppendHeader(table.Row{"killed under load", "", "next answer after", "lost per kill", "lost in all"})
	for _, r := range a.Recoveries {
		row := table.Row{}
		for _, c := range sentences.RecoveryLine(r) {
			row = append(row, c)
		}
		row[2] = words.Amount(r.Time.Value, "seconds")
		t.AppendRow(row)
	}
	t.SetColumnConfigs(page.Columns(5, 5))
	p.Raw(page.Fit(t, p.Width))
	p.Line("")
}

// writeAllMetrics writes every statement, phase by phase.
func writeAllMetrics(p *page.Screen, a *figures.Analysis) {
	for _, g := range sentences.AllMetrics(a) {
		p.Para("", g.Title, text.Bold)
		t := page.NewTable()
		t.AppendHeader(table.Row{g.Head[0], g.Head[1], g.Head[2], g.Head[4], ""})
		for _, r := range g.Rows {
			note := r[len(r)-1]
			if note != "" {
				note = words.Short(note, 30)
			}
			t.AppendRow(table.Row{r[0], r[1], r[2], r[4], note})
		}
		t.SetColumnConfigs(page.Columns(5, 5))
		p.Raw(page.Fit(t, p.Width))
		p.Line("")
	}
	if legend := figures.RoleLegend(a.Costs); legend != "" {
		p.Para("", legend, text.Faint)
		p.Line("")
	}
	if len(a.Targets) == 0 {
		for _, s := range a.Series {
			p.Para("", fmt.Sprintf("%s, %s: %s", words.Plain(s.Phase), s.Metric, words.Amount(s.Center.Value, s.Unit)), text.Reset)
		}
		p.Line("")
	}
}
