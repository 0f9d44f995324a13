package render

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// writeBreakdown writes the sum, what stands beside it, and what the rungs are.
func writeBreakdown(p *page.Screen, b *figures.Breakdown) {
	if len(b.Parts()) == 0 {
		return
	}
	p.Para("", sentences.BreakdownConditions(b), text.Reset)
	p.Line("")
	metrics := sentences.BreakdownOnScreen(b)
	t := page.NewTable()
	head := table.Row{""}
	for _, d := range metrics {
		head = append(head, d.Title)
	}
	t.AppendHeader(head)
	rows, sum, app := sentences.BreakdownRows(b, metrics), len(figures.SumSteps)+3, len(b.App)
	for i, row := range rows {
		switch i {
		case sum:
			t.AppendRow(table.Row{sentences.BesideTitle})
		case len(rows) - app:
			t.AppendRow(table.Row{sentences.AppTitle})
		}
		cells := table.Row{}
		for _, c := range row {
			cells = append(cells, c)
		}
		t.AppendRow(cells)
	}
	t.SetColumnConfigs(page.Columns(1, 0))
	p.Raw(page.Fit(t, p.Width))
	p.Para("", stats.Same+" the interval includes zero: the part cannot be distinguished from zero", text.Faint)
	for _, d := range b.Metrics {
		if n := d.Launches; n < b.Penalty[0].Launches {
			p.Para("", fmt.Sprintf("the sum of %s is of the %s in which every rung was measured; elsewhere there are more", d.Title, words.Count(n, "fresh start", "fresh starts")), text.Faint)
		}
	}
	for _, why := range b.LeftOut {
		p.Para("", "not run here: "+words.Plain(why), text.Faint)
	}
	p.Para("", "direct: the app's own server alone; relay: copies bytes in front of it; bare: our front and forwarder in front of it, without the module", text.Faint)
	p.Line("")
}
