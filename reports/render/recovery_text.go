package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// recoveryKinds writes "12 reset, 3 502", the most frequent first.
func recoveryKinds(r figures.Recovered) string {
	names := slices.SortedFunc(maps.Keys(r.ByKind), func(a, b string) int {
		if r.ByKind[a] != r.ByKind[b] {
			return int(r.ByKind[b] - r.ByKind[a])
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		said := name
		if len(name) == 3 && name[0] >= '1' && name[0] <= '5' {
			said = "answered " + name
		}
		names[i] = words.Grouped(float64(r.ByKind[name])) + " " + said
	}
	text := words.List(names)
	if text == "" {
		text = "none"
	}
	if r.Retried > 0 {
		text += "; " + words.Grouped(float64(r.Retried)) + " sent again on a new connection"
	}
	return text
}

// recoveryLine returns the row of a table: the target and what was killed, the time, what was lost.
func recoveryLine(r figures.Recovered) []string {
	seconds := func(v float64) string { return words.Amount(v, "seconds") }
	time := seconds(r.Time.Value) + r.Time.Range(seconds)
	per := fmt.Sprintf("%.1f of %s", float64(r.Lost)/float64(r.Launches), words.Grouped(float64(r.Sent)/float64(r.Launches)))
	return []string{words.Plain(r.Target), words.Plain(r.Killed), time, per, recoveryKinds(r)}
}

var recoveryHead = []string{"target", "killed", "time to the next answer [95 %]", "lost per kill", "lost in all, by kind"}

// recoveryGrid returns the table of recoveries, and nil when nothing was killed.
func recoveryGrid(a *figures.Analysis) *page.Grid {
	if len(a.Recoveries) == 0 {
		return nil
	}
	g := &page.Grid{Head: recoveryHead, Class: "words"}
	for _, r := range a.Recoveries {
		g.Rows = append(g.Rows, recoveryLine(r))
	}
	return g
}
