package reports

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// recoveries writes what the death of a process cost, a line for each.
func (p *page) recoveries(a *Analysis) {
	if len(a.Recoveries) == 0 {
		return
	}
	t := newTable()
	t.AppendHeader(table.Row{"killed under load", "", "next answer after", "lost per kill", "lost in all"})
	for _, r := range a.Recoveries {
		row := table.Row{}
		for _, c := range r.line() {
			row = append(row, c)
		}
		row[2] = amount(r.Time.Value, "seconds")
		t.AppendRow(row)
	}
	t.SetColumnConfigs(columns(5, 5))
	p.raw(render(t, p.width))
	p.line("")
}

// allMetrics writes every statement, phase by phase.
func (p *page) allMetrics(a *Analysis) {
	for _, g := range allGrids(a) {
		p.para("", g.Title, text.Bold)
		t := newTable()
		t.AppendHeader(table.Row{g.Head[0], g.Head[1], g.Head[2], g.Head[4], ""})
		for _, r := range g.Rows {
			note := r[len(r)-1]
			if note != "" {
				note = short(note, 30)
			}
			t.AppendRow(table.Row{r[0], r[1], r[2], r[4], note})
		}
		t.SetColumnConfigs(columns(5, 5))
		p.raw(render(t, p.width))
		p.line("")
	}
	if len(a.Targets) == 0 {
		for _, s := range a.Series {
			p.para("", fmt.Sprintf("%s, %s: %s", plain(s.Phase), s.Metric, amount(s.Center.Value, s.Unit)), text.Reset)
		}
		p.line("")
	}
}
