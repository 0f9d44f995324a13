package render

import (
	"fmt"
	"io"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Markdown writes a run for a step summary, a comment or a document, under 60 kB: the answer,
// the headline table, how far to believe it and every warning with its remedy.
func Markdown(w io.Writer, run *ancmbench.Run, a *figures.Analysis) error {
	m := &page.Markdown{}
	m.Line("### %s\n", page.MarkdownText(figures.TitleOf(run, a)))
	for _, s := range append(sentences.Answer(run, a), sentences.OfTheCurve(a)...) {
		m.Line("%s\n", page.MarkdownText(s))
	}
	for _, target := range a.Targets {
		m.Row("", a.Baseline, target, "difference", "ratio [95 % interval]")
		m.Line("|---|--:|--:|--:|---|")
		for _, name := range a.HeadlineMetrics() {
			if s, ok := a.Statement(name, target); ok {
				m.Row(figures.Title(s), stats.Value(s.Base, s.Unit), stats.Value(s.Other, s.Unit), figures.Difference(s), stats.Ratio(s.Ratio))
			}
		}
		m.Line("")
	}
	if len(a.Targets) == 0 && len(a.Series) > 0 {
		m.Row("", a.Baseline)
		m.Line("|---|--:|")
		for _, s := range a.Series {
			m.Row(titleOf(s.Metric)+", phase "+words.Plain(s.Phase), words.Amount(s.Center.Value, s.Unit))
		}
		m.Line("")
	}
	for _, note := range sentences.Marks(a) {
		m.Line("- %s", page.MarkdownText(note))
	}
	m.Line("- %s", page.MarkdownText("trust: "+sentences.TrustLine(run, a)))
	for _, warning := range a.Warnings {
		where := ""
		if at := warning.Where(); at != "" {
			where = " (" + at + ")"
		}
		m.Line("- **%s**: %s", warning.Severity, page.MarkdownText(warning.Text+where+". Fix: "+warning.Do+"."))
	}
	about := []string{figures.SubjectLine(run, a), "profile " + words.Plain(run.Profile.Name)}
	if c := figures.Conditions(run); c != "" {
		about = append(about, c)
	}
	m.Line("\n<sub>%s</sub>", page.MarkdownText(strings.Join(about, "; ")))
	if len(run.Command) > 0 {
		m.Line("\n<sub>repeat: %s</sub>", page.MarkdownText(fmt.Sprint(words.ShellWords(run.Command))))
	}
	return m.Into(w)
}
