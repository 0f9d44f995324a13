package reports

import (
	"fmt"
	"io"
	"strings"
)

// mostMarkdown is under 60 kB: what a step summary is cut to, or a comment takes
// (65,536 characters), with room to spare.
const mostMarkdown = 59_000

// markdownText makes text that others gave fit for a Markdown table: nothing in
// it is a mark, a tag, a link or a mention.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range plain(s) {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@':
			b.WriteString("&#64;")
		case '|', '\\', '`', '*', '_', '[', ']', '#', '~', '!', '$':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// markdown collects a document of at most mostMarkdown bytes.
type markdown struct {
	b strings.Builder
	// left counts the lines that did not fit.
	left int
}

func (m *markdown) line(format string, args ...any) {
	l := fmt.Sprintf(format, args...) + "\n"
	if m.b.Len()+len(l) > mostMarkdown {
		m.left++
		return
	}
	m.b.WriteString(l)
}

func (m *markdown) row(cells ...string) {
	esc := make([]string, len(cells))
	for i, c := range cells {
		esc[i] = markdownText(c)
	}
	m.line("| %s |", strings.Join(esc, " | "))
}

func (m *markdown) writeTo(w io.Writer) error {
	if m.left > 0 {
		m.b.WriteString(fmt.Sprintf("\n%s did not fit here.\n", count(m.left, "line", "lines")))
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}

// GateMarkdown writes the verdict for $GITHUB_STEP_SUMMARY, under 60 kB.
func GateMarkdown(w io.Writer, v *Verdict) error {
	marks := map[Outcome]string{Pass: "✅", Fail: "❌", Invalid: "🚫"}
	mark, ok := marks[v.Outcome]
	if !ok {
		mark = "⚠️"
	}
	m := &markdown{}
	m.line("### %s Gate: %s\n", mark, markdownText(string(v.Outcome)))
	m.line("%s\n", markdownText(cut(v.Headline(), 2000)))
	if words := v.builtFrom(); words != "" {
		m.line("Built from %s\n", markdownText(words))
	}
	base, other := v.sides()
	if len(v.Metrics) > 0 {
		m.row("", base, other, "ratio (95 % interval)", "margin", "outcome")
		m.line("|---|--:|--:|---|--:|---|")
	}
	for _, x := range v.Metrics {
		m.row(x.cells(v)...)
	}
	m.line("")
	for _, x := range v.undecided() {
		m.line("- %s", markdownText(x.name(v)+": "+x.Why+"; "+x.told()))
	}
	if v.Outcome == Invalid {
		for _, r := range v.Reasons {
			m.line("- %s", markdownText(r))
		}
	}
	for _, n := range v.Notes {
		m.line("- %s", markdownText(n))
	}
	for _, words := range v.asides() {
		m.line("- %s", markdownText(words))
	}
	m.line("\n<sub>%s; %s; exit %d</sub>", markdownText(subjectWords(v.Subject, v.Program)), markdownText(v.conditions()), v.ExitCode)
	return m.writeTo(w)
}
