package sentences

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/words"
)

// ProcessHead is the head of ProcessRows.
var ProcessHead = []string{"target", "role", "process", "name", "why it is counted"}

// mostProcesses is how many processes of one target are shown. The results file has all.
const mostProcesses = 50

// ProcessRows returns a row for each process that was counted, with the reason; none if no
// process is known.
func ProcessRows(run *ancmbench.Run) (rows [][]string) {
	for _, t := range run.Targets {
		for i, p := range t.Processes {
			if i == mostProcesses {
				rows = append(rows, []string{words.Plain(t.Name), "", "", "", fmt.Sprintf("and %d more, in the results file", len(t.Processes)-i)})
				break
			}
			rows = append(rows, []string{words.Plain(t.Name), words.Plain(string(p.Role)), fmt.Sprint(p.PID), words.Plain(p.Name), words.Plain(p.Why)})
		}
	}
	return rows
}
