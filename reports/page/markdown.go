package page

import (
	"fmt"
	"io"
	"strings"

	"ancmbench/reports/words"
)

// mostMarkdown is the largest document, under 60 kB: a step summary is cut there, and a
// comment takes 65,536 characters.
const mostMarkdown = 59_000

// MarkdownText escapes text from outside for a Markdown table, so that nothing in it is a
// mark, a tag, a link or a mention.
func MarkdownText(s string) string {
	var b strings.Builder
	for _, r := range words.Plain(s) {
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

// Markdown collects a document of at most mostMarkdown bytes.
type Markdown struct {
	b strings.Builder
	// left counts the lines that did not fit.
	left int
}

// Line adds a line, unless the document would become too long.
func (m *Markdown) Line(format string, args ...any) {
	l := fmt.Sprintf(format, args...) + "\n"
	if m.b.Len()+len(l) > mostMarkdown {
		m.left++
		return
	}
	m.b.WriteString(l)
}

// Row adds a row of a table; what is in the cells is escaped.
func (m *Markdown) Row(cells ...string) {
	esc := make([]string, len(cells))
	for i, c := range cells {
		esc[i] = MarkdownText(c)
	}
	m.Line("| %s |", strings.Join(esc, " | "))
}

// Into writes the document, with the number of lines that did not fit.
func (m *Markdown) Into(w io.Writer) error {
	if m.left > 0 {
		m.b.WriteString(fmt.Sprintf("\n%s did not fit here.\n", words.Count(m.left, "line", "lines")))
	}
	_, err := io.WriteString(w, m.b.String())
	return err
}
