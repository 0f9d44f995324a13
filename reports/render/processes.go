package render

import (
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
)

// writeProcesses writes which processes were counted, and why.
func writeProcesses(p *page.Screen, run *ancmbench.Run) {
	rows := sentences.ProcessRows(run)
	if len(rows) == 0 {
		return
	}
	p.Para("", "processes counted, as of the last fresh start", text.Bold)
	t := page.NewTable()
	t.AppendHeader(page.Cells(sentences.ProcessHead))
	for _, row := range rows {
		t.AppendRow(page.Cells(row))
	}
	t.SetColumnConfigs(page.Columns(len(sentences.ProcessHead), len(sentences.ProcessHead)))
	p.Raw(page.Fit(t, p.Width))
	p.Line("")
}
