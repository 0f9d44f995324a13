package html

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// checksSection has every check with its value, its bound and what to do.
func checksSection(a *figures.Analysis) *Section {
	if len(a.Trust.Checks) == 0 {
		return nil
	}
	g := page.Grid{Head: []string{"check", "worst", "bound", "kept", "what to do"}, Class: "words"}
	for _, c := range a.Trust.Checks {
		row := []string{words.WordsOf(words.Plain(c.Name)), words.Absent, words.Absent, words.Absent, "not checked: " + words.Plain(c.Unsupported)}
		if c.Looked > 0 {
			word := "at most "
			if c.AtLeast {
				word = "at least "
			}
			row[1], row[2] = words.ByUnitSuffix(c.Name, c.Worst), word+words.ByUnitSuffix(c.Name, c.Bound)
			row[3], row[4] = fmt.Sprintf("%d of %d", c.Looked-c.Failed, c.Looked), checkAdvice(a, c)
		}
		g.Rows = append(g.Rows, row)
	}
	return &Section{ID: "checks", Title: "Every check", Collapsed: true, Tables: []Table{{"", g}}}
}

// checkAdvice returns what to do about a check: nothing, or the advice of the warning that
// it raised, which has the check's worst value.
func checkAdvice(a *figures.Analysis, c figures.CheckSummary) string {
	if c.Failed == 0 {
		return "nothing: kept"
	}
	for _, w := range a.Warnings {
		if w.Bound == c.Bound && w.Value == c.Worst && w.Code != ancmbench.WarnUnsupported {
			return w.Do
		}
	}
	return "see the warnings"
}
