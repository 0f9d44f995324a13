package html

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// machineSection has the machine, the versions, and the command that repeats the run.
func machineSection(run *ancmbench.Run) *Section {
	versions := page.Grid{Class: "prose", Rows: [][]string{{"profile", words.Plain(run.Profile.Name)}, {"seed", fmt.Sprint(run.Seed)}, {"program", sentences.ToolLine(run.Tool)}}}
	return &Section{ID: "machine", Title: "The machine, the versions, and how to repeat it", Collapsed: true,
		Tables: []Table{{"The machine", page.Grid{Class: "prose", Rows: sentences.HostRows(run.Host)}}, {"The run", versions}}, Code: words.ShellWords(run.Command),
		After: []string{"Every figure comes from result.json beside this file; ancmbench report on it makes this page again."}}
}

// processesSection lists the processes that were counted; nil if none is known.
func processesSection(run *ancmbench.Run) *Section {
	rows := sentences.ProcessRows(run)
	if len(rows) == 0 {
		return nil
	}
	return &Section{ID: "processes", Title: "The processes that were counted", Collapsed: true,
		Tables: []Table{{"As of the last fresh start", page.Grid{Class: "words", Head: sentences.ProcessHead, Rows: rows}}},
		After:  []string{"CPU and memory of a target are those of its processes here."}}
}
