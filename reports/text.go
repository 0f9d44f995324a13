package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
)

// TextOptions say how Text writes. The zero value writes 100 columns, plain.
type TextOptions struct {
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

// Text writes one screen: the subject, the answer, the table, how far to
// believe it, what to do about each warning, and how to repeat it.
func Text(w io.Writer, run *ancmbench.Run, a *Analysis, opts TextOptions) error {
	p := newPage(opts)
	p.head(run, a)
	for _, s := range Answer(run, a) {
		p.para("", s, text.Bold)
	}
	p.line("")
	p.breakdown(a.Breakdown)
	if t := headlineTable(a, p.width); t != "" {
		p.raw(t)
		p.notes(a)
		if len(a.Breakdown.metrics()) == 0 { // which names them itself
			for _, why := range notRun(run) {
				p.para("", "not run here: "+plain(why), text.Faint)
			}
		}
		p.line("")
	}
	p.curves(a)
	p.recoveries(a)
	if opts.AllMetrics {
		p.allMetrics(a)
	}
	p.para("trust    ", trustLine(run, a), text.Reset)
	end := &page{width: p.width, color: p.color}
	if opts.Report != "" {
		end.para("report   ", plain(opts.Report), text.Reset)
	}
	if len(run.Command) > 0 {
		end.para("repeat   ", shellWords(run.Command), text.Reset)
	}
	p.warnings(a.Warnings, cmp.Or(opts.Height, 40)-end.lines())
	p.buf.Write(end.buf.Bytes())
	_, err := w.Write(p.buf.Bytes())
	return err
}

// page is text of a given width in the making.
type page struct {
	buf   bytes.Buffer
	width int
	color bool
}

func newPage(opts TextOptions) *page {
	width := opts.Width
	if width == 0 {
		width = 100
	}
	return &page{width: max(width, 60), color: opts.Color}
}

func (p *page) lines() int { return bytes.Count(p.buf.Bytes(), []byte{'\n'}) }

func (p *page) line(s string) { p.buf.WriteString(strings.TrimRight(s, " ") + "\n") }

func (p *page) raw(s string) {
	for l := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		p.line(l)
	}
}

// para writes words wrapped to the width, after a label and indented by it.
func (p *page) para(label, words string, c text.Color) {
	indent := strings.Repeat(" ", text.StringWidth(label))
	for i, l := range wrap(words, p.width-len(indent)) {
		if i > 0 {
			label = indent
		}
		p.line(label + p.paint(c, l))
	}
}

func (p *page) paint(c text.Color, s string) string {
	if !p.color || c == text.Reset {
		return s
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", int(c), s)
}

func (p *page) head(run *ancmbench.Run, a *Analysis) {
	p.para("", subjectLine(run, a)+" · "+about(run), text.Reset)
	c := conditions(run)
	if c != "" {
		c = ", " + c
	}
	p.para("", "profile "+plain(run.Profile.Name)+c, text.Faint)
	if words := builtFrom(run.Targets); words != "" {
		p.para("built from ", words, text.Faint)
	}
	p.line("")
}

// notes explain the marks of the table, and what is missing from it.
func (p *page) notes(a *Analysis) {
	same, single := false, false
	var missing []string
	for _, m := range a.headlineMetrics() {
		for _, t := range a.Targets {
			s, ok := a.Statement(m, t)
			if !ok {
				continue
			}
			same = same || s.Launches > 1 && s.Ratio != nil && !s.Told()
			single = single || s.Launches == 1
			if s.Note == "" {
				continue
			}
			if line := s.Title + ": " + s.Note; !slices.Contains(missing, line) {
				missing = append(missing, line)
			}
		}
	}
	if same && len(a.Breakdown.metrics()) == 0 { // the breakdown's table has its own mark
		p.para("", Same+" no difference told: the 95 % interval includes 1", text.Faint)
	}
	if single {
		p.para("", "one fresh start: no interval can be given", text.Faint)
	}
	if len(missing) > 0 {
		p.para("", absent+" "+strings.Join(missing, "; "), text.Faint)
	}
	if slo := a.sloNote(); slo != "" && len(a.Targets) == 1 { // the table of several has no such row
		p.para("", slo, text.Faint)
	}
	if few := a.fewColdStarts(); few != "" {
		p.para("", few, text.Faint)
	}
	if names := a.unmeasured(); len(names) > 0 {
		p.para("", "not measured: "+strings.Join(names, ", "), text.Faint)
	}
	if n := workloads(a); n > 1 {
		p.para("", fmt.Sprintf("the table is of the first of %d workloads; the report has all", n), text.Faint)
	}
}

func workloads(a *Analysis) int {
	var names []string
	for _, s := range a.Series {
		if !slices.Contains(names, s.Workload) {
			names = append(names, s.Workload)
		}
	}
	return len(names)
}

// warnings writes those that fit above line bottom, and counts the rest.
func (p *page) warnings(list []Advice, bottom int) {
	for i, w := range list {
		one := &page{width: p.width, color: p.color}
		one.warning(w)
		room := bottom - p.lines() - one.lines()
		if last := i == len(list)-1; i >= 3 && (room < 0 || room < 1 && !last) {
			p.para("         ", "and "+count(len(list)-i, "more warning", "more warnings")+" in the report", text.Faint)
			return
		}
		p.buf.Write(one.buf.Bytes())
	}
}

func (p *page) warning(w Advice) {
	c := text.FgYellow
	switch w.Severity {
	case Serious:
		c = text.FgRed
	case Notice:
		c = text.Reset
	}
	label := fmt.Sprintf("%-9s", w.Severity) // the one set of words: the report's, too
	where := w.Where()
	if where != "" {
		where = " (" + where + ")"
	}
	p.para(label, w.Text+where+". To do: "+w.Do+".", c)
}

// trustLine says how the generator did, how many fresh starts there were, and
// how noisy the host was.
func trustLine(run *ancmbench.Run, a *Analysis) string {
	t := a.Trust
	var words []string
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if t.GeneratorCores != nil {
		say("generator %s of a core", percent(*t.GeneratorCores))
	}
	if t.LagP50 != nil {
		lag := "send lag p50 " + amount(t.LagP50.Float(), "seconds")
		if t.LagP99 != nil {
			lag += ", p99 " + amount(t.LagP99.Float(), "seconds")
		}
		words = append(words, lag)
	}
	words = append(words, progressOf(run)+endedBy(run), count(t.VoidTrials, "void trial", "void trials"))
	if t.Errors > 0 {
		say("%s of %s requests failed", grouped(float64(t.Errors)), grouped(float64(t.Sent)))
	}
	if t.Spread != nil {
		say("p50 of %s moved by %s between fresh starts (SD)", plain(a.Baseline), percent(*t.Spread))
	}
	switch {
	case t.StealMean == nil:
	case *t.StealMax == 0:
		say("no steal")
	default:
		say("steal %s, at most %s", percent(*t.StealMean), percent(*t.StealMax))
	}
	if t.OtherLoadMean != nil {
		say("other programs %s of all cores", percent(*t.OtherLoadMean))
	}
	words = append(words, noise(a)...)
	if a.Engines != nil {
		words = append(words, a.Engines.sentence())
	}
	return strings.Join(words, "; ")
}

// noise says what twins of the baseline showed, and the smallest effect told.
func noise(a *Analysis) []string {
	var words []string
	name := a.Latency + "_p50_seconds"
	for _, s := range a.Noise {
		if s.Metric == name && s.Ratio != nil {
			words = append(words, "A/A "+ratio(s))
			break
		}
	}
	for _, t := range a.Targets {
		s, ok := a.Statement(name, t)
		if !ok || s.Smallest == nil {
			continue
		}
		from := "from A/A"
		if s.Smallest.From == "interval" {
			from = "the interval's half-width"
		}
		return append(words, fmt.Sprintf("smallest p50 effect told here about %s (%s)", effect(s.Smallest.Share), from))
	}
	return words
}

// wrap breaks words into lines of at most width columns; a longer word stands
// alone, and a number keeps its unit. There is always at least one line.
func wrap(words string, width int) []string {
	var lines []string
	line := ""
	for _, word := range glued(words) {
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

// glued splits at spaces, but not between a number and its unit.
func glued(words string) []string {
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
