package html

import (
	"io"
	"slices"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// Compared is a comparison in words, as every output has it.
type Compared struct {
	Intro, Head []string
	Rows        [][]string
	Notes       []string
}

// Compare writes the page of a comparison of any number of runs.
func Compare(w io.Writer, c *figures.Comparison, said Compared) error {
	p := Page{Title: "Comparison of " + words.Count(len(c.Labels), "run", "runs"), Subject: "runs of ancmbench"}
	var labels []string
	for _, l := range c.Labels {
		labels = append(labels, words.Plain(l))
	}
	p.Facts = []string{words.List(labels) + "."}
	p.Lead = Lead{Answer: unbroken(compareAnswer(c)), Cards: compareCards(c),
		NotShown: "Why something changed: runs are measured one after the other, and the hour of a machine differs. A gate measures both sides in turns."}
	table := &Section{ID: "table", Title: "In figures", Notes: said.Intro, After: said.Notes}
	if len(said.Rows) > 0 {
		class := ""
		if len(said.Head) > 6 {
			class = "wide"
		}
		table.Tables = []Table{{"", page.Grid{Head: said.Head, Rows: said.Rows, Class: class}}}
	}
	var differ *Section
	if len(c.Differences) > 0 {
		differ = &Section{ID: "differences", Title: "In what the runs differ", List: c.Differences}
	}
	p.Sections = shown(section("values", "Values", charts.Compared(c)), table, differ, glossarySection())
	return p.Write(w)
}

// compareAnswer says how many changes were detected.
func compareAnswer(c *figures.Comparison) string {
	worse, better, stated := 0, 0, 0
	for _, r := range c.Rows {
		for _, e := range r.Changes {
			if e == nil {
				continue
			}
			stated++
			switch {
			case e.Interval != nil && e.Interval.Holds(1):
			case charts.ChangeIsWorse(r, e.Value):
				worse++
			default:
				better++
			}
		}
	}
	switch {
	case stated == 0:
		return "No change can be stated: settings, hosts or requests differ, or a run has fewer than two fresh starts."
	case worse+better == 0:
		return "No change was detected in " + words.Count(stated, "comparison", "comparisons") + " with " + words.Plain(c.Labels[0]) + "."
	}
	return "Of " + words.Count(stated, "comparison", "comparisons") + " with " + words.Plain(c.Labels[0]) + ", " +
		words.Count(worse, "is worse", "are worse") + " and " + words.Count(better, "is better", "are better") + "; 1 in 20 is detected by chance."
}

// compareCards shows the changes of the main metrics from the first run to the last.
func compareCards(c *figures.Comparison) []Card {
	var out []Card
	rows := slices.Clone(c.Rows)
	first := []string{"response_p50_seconds", ancmbench.CPUPerRequest, ancmbench.MemoryLoaded} // as on the page of a run
	slices.SortStableFunc(rows, func(a, b figures.ComparedRow) int {
		place := func(r figures.ComparedRow) int {
			if i := slices.Index(first, r.Metric); i >= 0 {
				return i
			}
			return len(first)
		}
		return place(a) - place(b)
	})
	for _, r := range rows {
		if len(out) == 3 {
			break
		}
		if e := r.Changes[len(r.Changes)-1]; e != nil && e.Interval != nil {
			more := "95 %: " + words.Relative(e.Interval.Low) + " to " + words.Relative(e.Interval.High)
			if e.Interval.Holds(1) {
				more += ", no change detected"
			}
			out = append(out, newCard(words.Relative(e.Value), r.Title+" of "+words.Short(r.Target, 30)+", last run", more))
		}
	}
	return out
}
