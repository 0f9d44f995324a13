package render

import (
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
)

// writeLoadHosts writes what each load host did and saw, and the other machines; nothing if
// there were none.
func writeLoadHosts(p *page.Screen, run *ancmbench.Run) {
	for _, part := range []struct {
		head []string
		rows [][]string
	}{{sentences.LoadHostHead, sentences.LoadHostRows(run)}, {sentences.MachineHead, sentences.MachineRows(run)}} {
		if len(part.rows) == 0 {
			continue
		}
		t := page.NewTable()
		t.AppendHeader(page.Cells(part.head))
		for _, row := range part.rows {
			t.AppendRow(page.Cells(row))
		}
		t.SetColumnConfigs(page.Columns(len(part.head), len(part.head)))
		p.Line("")
		p.Raw(page.Fit(t, p.Width))
	}
	for _, note := range sentences.LoadHostNotes(run) {
		p.Para("", note, text.Reset)
	}
}
