package render

import (
	"io"

	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
)

// GateMarkdown writes the verdict for $GITHUB_STEP_SUMMARY, under 60 kB.
func GateMarkdown(w io.Writer, v *gate.Verdict) error {
	marks := map[gate.Outcome]string{gate.Pass: "✅", gate.Fail: "❌", gate.Invalid: "🚫"}
	mark, ok := marks[v.Outcome]
	if !ok {
		mark = "⚠️"
	}
	m := &page.Markdown{}
	m.Line("### %s Gate: %s\n", mark, page.MarkdownText(string(v.Outcome)))
	m.Line("%s\n", page.MarkdownText(cut(v.Headline(), 2000)))
	if words := v.BuiltFrom(); words != "" {
		m.Line("Built from %s\n", page.MarkdownText(words))
	}
	for _, b := range v.Blocks() {
		m.Row(append([]string{""}, b.Head...)...)
		m.Line("|---|--:|--:|---|--:|---|")
		for _, x := range b.Rows {
			m.Row(x.Cells(v)...)
		}
		m.Line("")
	}
	if len(v.Metrics) == 0 {
		m.Line("")
	}
	for _, x := range v.Undecided() {
		m.Line("- %s", page.MarkdownText(x.Name(v)+": "+x.Why+"; "+x.Told()))
	}
	if v.Outcome == gate.Invalid {
		for _, r := range v.Reasons {
			m.Line("- %s", page.MarkdownText(r))
		}
	}
	for _, n := range v.Notes {
		m.Line("- %s", page.MarkdownText(n))
	}
	for _, words := range v.Asides() {
		m.Line("- %s", page.MarkdownText(words))
	}
	m.Line("\n<sub>%s; %s; exit %d</sub>", page.MarkdownText(figures.SubjectWords(v.Subject, v.Program, v.Servers)), page.MarkdownText(v.Conditions()), v.ExitCode)
	return m.Into(w)
}
