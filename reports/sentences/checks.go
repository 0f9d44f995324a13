package sentences

import (
	"fmt"

	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// CheckHead is the head of the table of checks.
var CheckHead = []string{"check", "worst", "bound", "kept"}

// CheckRows returns the rows of a table with CheckHead, in the order of the checks.
func CheckRows(checks []figures.CheckSummary) [][]string {
	var rows [][]string
	for _, c := range checks {
		row := []string{words.WordsOf(words.Plain(c.Name)), words.Absent, words.Absent, "not checked: " + words.Plain(c.Unsupported)}
		if c.Looked > 0 {
			word := "at most "
			if c.AtLeast {
				word = "at least "
			}
			row[1], row[2] = words.ByUnitSuffix(c.Name, c.Worst), word+words.ByUnitSuffix(c.Name, c.Bound)
			row[3] = fmt.Sprintf("%d of %d", c.Looked-c.Failed, c.Looked)
		}
		rows = append(rows, row)
	}
	return rows
}
