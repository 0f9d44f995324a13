package sentences

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ancmbench/reports/figures"
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

// RecoveryLine returns the row of a table with RecoveryHead: the target and what was killed,
// the time, and what was lost.
func RecoveryLine(r figures.Recovered) []string {
	seconds := func(v float64) string { return words.Amount(v, "seconds") }
	time := seconds(r.Time.Value) + r.Time.Range(seconds)
	per := fmt.Sprintf("%.1f of %s", float64(r.Lost)/float64(r.Launches), words.Grouped(float64(r.Sent)/float64(r.Launches)))
	return []string{words.Plain(r.Target), words.Plain(r.Killed), time, per, recoveryKinds(r)}
}

// RecoveryHead is the head of the table of recoveries.
var RecoveryHead = []string{"target", "killed", "time to the next answer [95 %]", "lost per kill", "lost in all, by kind"}
