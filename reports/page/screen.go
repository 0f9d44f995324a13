package page

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/words"
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
	// Brief leaves out all notes.
	Brief bool
	// Verbose adds every metric, every warning, every check and the machine.
	Verbose bool
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
	for i, l := range wrap(words, max(p.Width-len(indent), 10)) {
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

// Command writes a command of a POSIX shell after a label. Where it is wrapped, a line ends
// in a backslash, so that the copied lines are still one command. A word is never split.
func (p *Screen) Command(label string, command []string) {
	indent := strings.Repeat(" ", text.StringWidth(label))
	line := label
	for i, w := range command {
		end := 2 // the backslash
		if i == len(command)-1 {
			end = 0
		}
		switch w = words.ShellWords([]string{w}); {
		case i == 0:
			line += w
		case text.StringWidth(line)+1+text.StringWidth(w)+end <= p.Width:
			line += " " + w
		default:
			p.Line(line + ` \`)
			line = indent + w
		}
	}
	p.Line(line)
}

// Path writes the path of a file after a label, never split: a terminal wraps it by itself,
// and what is copied is whole.
func (p *Screen) Path(label, path string) { p.Line(label + words.Plain(path)) }

// wrap breaks words into lines of at most width columns. A number keeps its unit, and a
// longer word is split at the width. There is always at least one line.
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
		for text.StringWidth(line) > width {
			var head string
			head, line = split(line, width)
			lines = append(lines, head)
		}
	}
	return append(lines, line)
}

// split cuts a line that is longer than the width: at its last space that fits, otherwise
// within the word. The head has at least one character.
func split(line string, width int) (head, rest string) {
	if head, rest, ok := cutAtSpace(line, width); ok {
		return head, rest
	}
	n, at := 0, 0
	for i, r := range line {
		if n += text.RuneWidth(r); n > width && i > 0 {
			at = i
			break
		}
	}
	if at == 0 {
		return line, ""
	}
	return line[:at], line[at:]
}

func cutAtSpace(line string, width int) (head, rest string, ok bool) {
	for i := len(line) - 1; i > 0; i-- {
		if line[i] == ' ' && text.StringWidth(line[:i]) <= width {
			return line[:i], line[i+1:], true
		}
	}
	return "", "", false
}

// units are the words that stay with the number before them, wherever it ends.
var units = []string{"%", "ns", "µs", "ms", "s", "min", "h", "B", "kB", "MB", "GB", "req/s", "requests/s", "cores"}

var (
	// A bare number: its unit, or what it counts, follows.
	bareNumber = regexp.MustCompile(`^[(\[~+-]*[0-9][0-9,.]*$`)
	// The beginning of an interval that is not closed: "[2.01,".
	openInterval = regexp.MustCompile(`^\(?\[[^\]]*$`)
)

// Glued splits text at spaces, but not between a number and its unit or what it counts, and
// not within an interval in brackets.
func Glued(words string) []string {
	var out []string
	for w := range strings.FieldsSeq(words) {
		if n := len(out); n > 0 && belongs(out[n-1], w) {
			out[n-1] += " " + w
			continue
		}
		out = append(out, w)
	}
	return out
}

// belongs reports whether a word stays on the line of the one before it.
func belongs(before, w string) bool {
	last := before[strings.LastIndexByte(before, ' ')+1:]
	if open := strings.LastIndexByte(before, '['); open >= 0 && openInterval.MatchString(before[open:]) && before[len(before)-1] == ',' {
		return true
	}
	if bareNumber.MatchString(last) && !strings.HasSuffix(last, ".") && !strings.HasSuffix(last, ",") {
		return true
	}
	if last == "<" || last == ">" || last == "≤" {
		return true
	}
	end := last[len(last)-1]
	return slices.Contains(units, strings.TrimRight(w, ".,;:)]")) && end >= '0' && end <= '9'
}
