package html

import (
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

const headlineID = "table"

// headlineSection has the table of the screen, one per compared target, and what belongs to
// the answer.
func headlineSection(run *ancmbench.Run, a *figures.Analysis) *Section {
	s := &Section{ID: headlineID, Title: "In figures", Tables: headlineTables(a)}
	s.Notes = append(sentences.Tell(run, a).More, sentences.OfTheCurve(a)...)
	if len(s.Tables) == 0 && len(s.Notes) == 0 {
		return nil
	}
	if len(a.Targets) > 0 && len(s.Tables) > 0 {
		s.After = append([]string{"~ no difference detected: the 95 % interval includes 1."}, sentences.Marks(a)...)
	}
	return s
}

func headlineTables(a *figures.Analysis) []Table {
	if len(a.Series) == 0 {
		return nil
	}
	if len(a.Targets) == 0 {
		g := page.Grid{Head: []string{"", words.Plain(a.Baseline)}}
		for _, name := range a.HeadlineMetrics() {
			if s, ok := a.SeriesOf(name, a.Baseline); ok {
				m, _ := ancmbench.MetricByName(name)
				g.Rows = append(g.Rows, []string{m.Title, words.Amount(s.Center.Value, s.Unit)})
			}
		}
		return []Table{{"", g}}
	}
	if len(a.Targets) > 1 {
		return manyTables(a)
	}
	var out []Table
	for _, t := range a.Targets {
		g := Table{"", page.Grid{Class: "words keep",
			Head: []string{"", words.Plain(a.Baseline), words.Plain(t), "difference", "ratio [95 % interval]", "reading"}}}
		for _, name := range a.HeadlineMetrics() {
			if s, ok := a.Statement(name, t); ok {
				g.Rows = append(g.Rows, []string{figures.Title(s), stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit),
					figures.Difference(s), stats.Ratio(s.Ratio), figures.Judgement(s)})
			}
			if slo := sentences.SLORow(a, t); slo != nil && name == ancmbench.PeakThroughput {
				g.Rows = append(g.Rows, slo)
			}
		}
		out = append(out, g)
	}
	return out
}

// manyTables returns the values of several targets and their ratios, a row each. What a table
// for each target would have is under "All metrics".
func manyTables(a *figures.Analysis) []Table {
	names := a.HeadlineMetrics()
	values, ratios := page.Grid{Head: []string{""}}, page.Grid{Head: []string{"against " + words.Plain(a.Baseline)}, Class: "wide"}
	for _, name := range names {
		m, _ := ancmbench.MetricByName(name)
		values.Head, ratios.Head = append(values.Head, m.Short()), append(ratios.Head, m.Short())
	}
	for _, target := range a.EveryTarget() {
		row := []string{words.Plain(target)}
		for _, name := range names {
			cell := words.Absent
			if s, ok := a.SeriesOf(name, target); ok {
				cell = words.Amount(s.Center.Value, s.Unit)
			}
			row = append(row, cell)
		}
		values.Rows = append(values.Rows, row)
	}
	for _, target := range a.Targets {
		row := []string{words.Plain(target)}
		for _, name := range names {
			cell := words.Absent
			if s, ok := a.Statement(name, target); ok {
				cell = stats.Ratio(s.Ratio)
			}
			row = append(row, cell)
		}
		ratios.Rows = append(ratios.Rows, row)
	}
	return []Table{{"Values", values}, {"Ratios, with 95 % intervals", ratios}}
}

// metricsSection has one table per scenario and target with every metric.
func metricsSection(a *figures.Analysis) *Section {
	if len(a.Statements) == 0 {
		return nil
	}
	s := &Section{ID: "metrics", Title: "All metrics", Collapsed: true, Notes: []string{
		"Starts: fresh starts behind the row. p (t): paired t-test on log ratios. p (M-W): Mann-Whitney, unpaired. Smallest effect: the smallest detectable effect of a run of this size on this host."}}
	for _, t := range sentences.AllMetrics(a) {
		s.Tables = append(s.Tables, Table{t.Title, metricsGrid(t)})
	}
	if len(a.Noise) > 0 {
		s.Tables = append(s.Tables, Table{"A/A: a second copy against its first, every metric", noiseGrid(a.Noise, true)})
	}
	return s
}

// metricsGrid has the notes of a table below it, where they do not make all columns narrow:
// each note once, with the metrics that it is of.
func metricsGrid(t sentences.MetricTable) page.Grid {
	last := len(t.Head) - 1
	g := page.Grid{Head: t.Head[:last], Class: "wide"}
	var notes []string
	of := map[string][]string{}
	for _, row := range t.Rows {
		g.Rows = append(g.Rows, row[:last])
		if note := row[last]; note != "" {
			if of[note] == nil {
				notes = append(notes, note)
			}
			of[note] = append(of[note], row[0])
		}
	}
	for _, note := range notes {
		g.After = append(g.After, strings.Join(of[note], "; ")+": "+note+".")
	}
	return g
}
