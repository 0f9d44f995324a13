package sentences

import (
	"fmt"
	"slices"

	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// MetricTable has every metric of one scenario of one target.
type MetricTable struct {
	Title string
	Head  []string
	Rows  [][]string
}

// AllMetrics returns one table per scenario and target with every metric.
func AllMetrics(a *figures.Analysis) []MetricTable {
	var out []MetricTable
	for _, s := range a.Statements {
		name := words.Plain(s.Phase) + ", " + words.Plain(s.Workload)
		if s.Rate > 0 {
			name += ", " + words.Rate(s.Rate)
		}
		if len(a.Targets) > 1 {
			name += ": " + words.Plain(s.Target)
		}
		i := slices.IndexFunc(out, func(t MetricTable) bool { return t.Title == name })
		if i < 0 {
			i = len(out)
			out = append(out, MetricTable{Title: name, Head: []string{"metric", words.Plain(a.Baseline), "target", "difference",
				"ratio", "starts", "p (t)", "p (M-W)", "smallest effect", "note"}})
			if len(a.Targets) == 1 {
				out[i].Head[2] = words.Plain(s.Target)
			}
		}
		out[i].Rows = append(out[i].Rows, statementRow(s))
	}
	return out
}

func statementRow(s figures.Statement) []string {
	p, second, smallest := words.Absent, words.Absent, words.Absent
	if s.P != nil {
		p = pValue(*s.P)
	}
	if s.Second != nil && s.Launches > 1 {
		second = pValue(s.Second.P)
	}
	if s.Smallest != nil {
		smallest = words.Effect(s.Smallest.Share) + " (" + s.Smallest.From + ")"
	}
	return []string{figures.Title(s), stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit), stats.Signed(s.Difference, s.Unit), stats.Ratio(s.Ratio),
		fmt.Sprint(s.Launches), p, second, smallest, s.Note}
}

func pValue(p float64) string {
	if p < 0.001 {
		return "under 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// Marks explains the signs in the headline table.
func Marks(a *figures.Analysis) []string {
	var out []string
	for _, line := range MissingValues(a) {
		out = append(out, line+".")
	}
	for _, more := range []string{SLONote(a), a.FewColdStarts()} {
		if more != "" {
			out = append(out, more+".")
		}
	}
	return out
}

// MissingValues says of which headline metrics fresh starts lack a value, and why. A target
// is named where the others lack less or more.
func MissingValues(a *figures.Analysis) []string {
	var out []string
	for _, m := range a.HeadlineMetrics() {
		var notes []string
		for _, t := range a.Targets {
			s, _ := a.Statement(m, t)
			notes = append(notes, s.Note)
		}
		same := !slices.ContainsFunc(notes, func(n string) bool { return n != notes[0] })
		for i, t := range a.Targets {
			s, ok := a.Statement(m, t)
			if !ok || s.Note == "" || same && i > 0 {
				continue
			}
			title := s.Title
			if !same {
				title += " of " + words.Plain(t)
			}
			line := title + ": " + s.Note
			if s.Launches == 1 {
				line += ", so no interval can be given"
			}
			out = append(out, line)
		}
	}
	return out
}
