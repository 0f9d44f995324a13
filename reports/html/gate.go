package html

import (
	"io"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Gate writes the page of a gate: the verdict first, then why, then the page of the run that
// was judged.
func Gate(w io.Writer, v *gate.Verdict, run *ancmbench.Run, a *figures.Analysis, files ...File) error {
	p := Page{Title: "Gate: " + string(v.Outcome), Subject: figures.SubjectWords(v.Subject, v.Program, v.Servers), Files: files, Most: mostOf(run)}
	p.Facts = allUnbroken([]string{v.Conditions() + "."})
	if built := v.BuiltFrom(); built != "" {
		p.Facts = append(p.Facts, "Built from "+built)
	}
	p.Lead = gateLead(v, a)
	// Of the headline the gate has its own table, and its facts are above.
	rest := slices.DeleteFunc(sectionsOf(run, a, marginsOf(v)), func(s *Section) bool { return s.ID == headlineID })
	p.Sections = append(shown(gateSection(v)), rest...)
	return p.Write(w)
}

// gateLead returns the first screen of a gate.
func gateLead(v *gate.Verdict, a *figures.Analysis) Lead {
	word, rest, _ := strings.Cut(v.Headline(), ": ")
	classes := map[gate.Outcome]string{gate.Pass: "good", gate.Fail: "serious", gate.Invalid: "serious"}
	class := classes[v.Outcome]
	if class == "" {
		class = "caution"
	}
	l := Lead{Word: strings.ToUpper(word) + ":", Class: class, Answer: unbroken(rest), NotShown: gateNotShown(v)}
	for _, m := range v.Gated() {
		if len(l.Cards) < 3 && m.Ratio != nil {
			l.Cards = append(l.Cards, gateCard(v, m))
		}
	}
	if a.Launches > 0 {
		l.Belief = newBelief(a)
	}
	return l
}

// gateCard shows how much a metric changed, and what it may.
func gateCard(v *gate.Verdict, m gate.MetricVerdict) Card {
	more := strings.TrimSpace(m.Ratio.Range(words.Relative))
	if more != "" {
		more = "95 %: " + strings.ReplaceAll(strings.Trim(more, "[]"), ", ", " to ")
	}
	bound := "margin " + words.Percent(m.Margin)
	if m.Budget != nil {
		return newCard(stats.Shown(m.Other, m.Unit), m.Name(v), string(m.Outcome))
	}
	return newCard(words.Relative(m.Ratio.Value), m.Name(v), strings.TrimSpace(more+"; "+bound+"; "+string(m.Outcome)))
}

func gateNotShown(v *gate.Verdict) string {
	text := "Changes smaller than the margin; other metrics, workloads, rates and machines than those below"
	if v.Outcome == gate.Pass {
		text = "That nothing changed: a pass says that it is not worse by the margin. " + text
	}
	return text + "."
}

// gateSection says why: the table of the verdict, its reasons and its notes.
func gateSection(v *gate.Verdict) *Section {
	s := &Section{ID: "why", Title: "Why"}
	for _, b := range v.Blocks() {
		g := page.Grid{Head: append([]string{""}, b.Head...), Class: "words"}
		for _, m := range b.Rows {
			g.Rows = append(g.Rows, m.Cells(v))
		}
		s.Tables = append(s.Tables, Table{"", g})
	}
	for _, m := range v.Metrics {
		line := m.Name(v) + ": " + m.Why
		if said := m.Told(); said != "" && (m.Outcome == gate.Inconclusive || m.Outcome == gate.Unstable) {
			line += "; " + said
		}
		s.List = append(s.List, line+".")
	}
	if v.Outcome == gate.Invalid {
		for _, r := range v.Reasons {
			s.Notes = append(s.Notes, r+".")
		}
	}
	s.After = append(append([]string(nil), v.Asides()...), v.Notes...)
	if v.Unused > 0 {
		s.After = append(s.After, words.Count(v.Unused, "fresh start", "fresh starts")+" after the decision were not used.")
	}
	return s
}

// marginsOf returns the margins of the gated metrics.
func marginsOf(v *gate.Verdict) charts.Margins {
	out := charts.Margins{}
	for _, m := range v.Gated() {
		if m.Budget == nil && m.Margin > 0 {
			out[m.Metric] = m.Margin
		}
	}
	return out
}
