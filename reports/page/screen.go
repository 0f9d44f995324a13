package page

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// Options say how Text writes. The zero value writes 100 columns, plain.
type Options struct {
	// Width is the number of columns; zero is 100, and less than 60 is taken as 60.
	Width int
	// Color allows ANSI colours.
	Color bool
	// Report is where the reports lie, as it is to be shown; empty shows nothing.
	Report string
	// Height is how many lines fit; zero is 40. Warnings that do not fit are
	// counted; three are always shown.
	Height int
	// AllMetrics adds every metric to those of the headline table.
	AllMetrics bool
}

// Screen is text of a given width under construction.
type Screen struct {
	Buf   bytes.Buffer
	Width int
	Color bool
}

// NewScreen returns an empty screen of the width and colours of opts.
func NewScreen(opts Options) *Screen {
	width := opts.Width
	if width == 0 {
		width = 100
	}
	return &Screen{Width: max(width, 60), Color: opts.Color}
}

// Lines returns the number of lines so far.
func (p *Screen) Lines() int { return bytes.Count(p.Buf.Bytes(), []byte{'\n'}) }

// Line adds a line as it is, without spaces at its end.
func (p *Screen) Line(s string) { p.Buf.WriteString(strings.TrimRight(s, " ") + "\n") }

// Raw adds the lines of s as they are.
func (p *Screen) Raw(s string) {
	for l := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		p.Line(l)
	}
}

// Para writes text wrapped to the width, after a label and indented by it.
func (p *Screen) Para(label, words string, c text.Color) {
	indent := strings.Repeat(" ", text.StringWidth(label))
	for i, l := range wrap(words, p.Width-len(indent)) {
		if i > 0 {
			label = indent
		}
		p.Line(label + p.paint(c, l))
	}
}

func (p *Screen) paint(c text.Color, s string) string {
	if !p.Color || c == text.Reset {
		return s
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", int(c), s)
}

// wrap breaks words into lines of at most width columns; a longer word stands
// alone, and a number keeps its unit. There is always at least one line.
func wrap(words string, width int) []string {
	var lines []string
	line := ""
	for _, word := range Glued(words) {
		switch {
		case line == "":
			line = word
		case text.StringWidth(line)+1+text.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// Glued splits text at spaces, but not between a number and its unit.
func Glued(words string) []string {
	units := []string{"%", "ns", "µs", "ms", "s", "B", "kB", "MB", "GB", "req/s", "requests/s", "cores"}
	var out []string
	for w := range strings.FieldsSeq(words) {
		n := len(out)
		if n > 0 && slices.Contains(units, strings.TrimRight(w, ".,;:)")) {
			if last := out[n-1]; last[len(last)-1] >= '0' && last[len(last)-1] <= '9' {
				out[n-1] += " " + w
				continue
			}
		}
		out = append(out, w)
	}
	return out
}
