package html

import (
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// checksSection has every check with its value, its bound and what to do.
func checksSection(a *figures.Analysis) *Section {
	if len(a.Trust.Checks) == 0 {
		return nil
	}
	g := page.Grid{Head: append(slices.Clone(sentences.CheckHead), "what to do"), Class: "words"}
	for i, row := range sentences.CheckRows(a.Trust.Checks) {
		g.Rows = append(g.Rows, append(row, checkAdvice(a, a.Trust.Checks[i])))
	}
	return &Section{ID: "checks", Title: "Every check", Collapsed: true, Tables: []Table{{"", g}}}
}

// checkAdvice returns what to do about a check: nothing, or the advice of the warning that
// it raised, which has the check's worst value.
func checkAdvice(a *figures.Analysis, c figures.CheckSummary) string {
	switch {
	case c.Looked == 0:
		return words.Absent
	case c.Failed == 0:
		return "nothing"
	}
	for _, w := range a.Warnings {
		if w.Bound == c.Bound && w.Value == c.Worst && w.Code != ancmbench.WarnUnsupported {
			return w.Do
		}
	}
	return "see the warnings"
}
