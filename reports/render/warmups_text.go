package render

import (
	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
)

// writeWarmups writes how the targets in .NET warmed up, if there are any.
func writeWarmups(p *page.Screen, a *figures.Analysis) {
	head, rows := sentences.Warmups(a.Warmups)
	if head == nil {
		return
	}
	t := page.NewTable()
	t.AppendHeader(cells(head))
	for _, row := range rows {
		t.AppendRow(cells(row))
	}
	t.SetColumnConfigs(page.Columns(len(head), 1))
	p.Raw(page.Fit(t, p.Width))
	p.Para("", sentences.WarmupNote(a.Warmups), text.Faint)
	p.Line("")
}

func cells(texts []string) table.Row {
	row := table.Row{}
	for _, t := range texts {
		row = append(row, t)
	}
	return row
}
