package html

import (
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
)

// warmupSection shows cold start and first minute of the targets in .NET, apart from what was
// measured; nil if there are none.
func warmupSection(a *figures.Analysis) *Section {
	head, rows := sentences.Warmups(a.Warmups)
	if head == nil {
		return nil
	}
	head[0] = ""
	return &Section{ID: "dotnet", Title: "How .NET warmed up", Tables: []Table{{"", page.Grid{Head: head, Rows: rows}}}, Notes: []string{
		sentences.WarmupNote(a.Warmups),
		"The steady state is what the rest of the page shows. A method is compiled again after some 30 calls, and once more with what was seen of it, so the first seconds are slower; an app that is restarted often sees them often."}}
}
