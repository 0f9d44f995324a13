package render

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// mostProcesses is how many processes of one target are shown. The results file has all.
const mostProcesses = 50

// processGrid returns the table of the processes that were counted, and why; without rows if
// none is known.
func processGrid(run *ancmbench.Run) page.Grid {
	g := page.Grid{Head: []string{"target", "role", "process", "name", "why it is counted"}, Class: "words"}
	for _, t := range run.Targets {
		for i, p := range t.Processes {
			if i == mostProcesses {
				g.Rows = append(g.Rows, []string{words.Plain(t.Name), "", "", "", fmt.Sprintf("and %d more, in the results file", len(t.Processes)-i)})
				break
			}
			g.Rows = append(g.Rows, []string{words.Plain(t.Name), words.Plain(string(p.Role)), fmt.Sprint(p.PID), words.Plain(p.Name), words.Plain(p.Why)})
		}
	}
	return g
}

// writeProcesses writes which processes were counted.
func writeProcesses(p *page.Screen, run *ancmbench.Run) {
	g := processGrid(run)
	if len(g.Rows) == 0 {
		return
	}
	p.Para("", "processes counted, as of the last fresh start", text.Bold)
	t := page.NewTable()
	t.AppendHeader(page.Cells(g.Head))
	for _, row := range g.Rows {
		t.AppendRow(page.Cells(row))
	}
	t.SetColumnConfigs(page.Columns(len(g.Head), len(g.Head)))
	p.Raw(page.Fit(t, p.Width))
	p.Line("")
}
