package render

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Text writes one screen: the subject, the answer, the table, how far to
// believe it, what to do about each warning, and how to repeat it.
func Text(w io.Writer, run *ancmbench.Run, a *figures.Analysis, opts page.Options) error {
	p := page.NewScreen(opts)
	writeHead(p, run, a)
	for _, s := range sentences.Answer(run, a) {
		p.Para("", s, text.Bold)
	}
	p.Line("")
	writeBreakdown(p, a.Breakdown)
	if t := headlineTable(a, p.Width); t != "" {
		p.Raw(t)
		writeNotes(p, a)
		if len(a.Breakdown.Parts()) == 0 { // which names them itself
			for _, why := range figures.NotRun(run) {
				p.Para("", "not run here: "+words.Plain(why), text.Faint)
			}
		}
		p.Line("")
	}
	writeCurves(p, a)
	writeRecoveries(p, a)
	writeWarmups(p, a)
	if opts.AllMetrics || opts.Verbose {
		writeAllMetrics(p, a)
	}
	p.Para("trust    ", sentences.TrustLine(run, a), text.Reset)
	end := &page.Screen{Width: p.Width, Color: p.Color}
	if opts.Report != "" {
		end.Path("report   ", opts.Report)
	}
	if len(run.Command) > 0 {
		end.Command("repeat   ", run.Command)
	}
	room := cmp.Or(opts.Height, 40) - end.Lines()
	if opts.Verbose {
		room = math.MaxInt32 // whatever the height
	}
	writeWarnings(p, a.Warnings, room)
	if opts.Verbose {
		writeDetails(p, run, a)
	}
	p.Buf.Write(end.Buf.Bytes())
	_, err := w.Write(p.Buf.Bytes())
	return err
}

func writeHead(p *page.Screen, run *ancmbench.Run, a *figures.Analysis) {
	p.Para("", figures.SubjectLine(run, a)+" · "+figures.About(run), text.Reset)
	c := figures.Conditions(run)
	if c != "" {
		c = ", " + c
	}
	p.Para("", "profile "+words.Plain(run.Profile.Name)+c, text.Faint)
	if said := figures.BuiltFrom(run.Targets); said != "" {
		p.Para("built from ", said, text.Faint)
	}
	p.Line("")
}

// writeNotes explain the marks of the table, and what is missing from it.
func writeNotes(p *page.Screen, a *figures.Analysis) {
	same, single := false, false
	for _, m := range a.HeadlineMetrics() {
		for _, t := range a.Targets {
			s, ok := a.Statement(m, t)
			if !ok {
				continue
			}
			same = same || s.Launches > 1 && s.Ratio != nil && !s.Told()
			single = single || s.Launches == 1 && s.Of <= 1
		}
	}
	if same && len(a.Breakdown.Parts()) == 0 { // the breakdown's table has its own mark
		p.Para("", stats.Same+" no difference detected: the 95 % interval includes 1", text.Faint)
	}
	if single {
		p.Para("", "one fresh start: no interval can be given", text.Faint)
	}
	if missing := sentences.MissingValues(a); len(missing) > 0 {
		p.Para("", words.Absent+" "+strings.Join(missing, "; "), text.Faint)
	}
	if slo := sentences.SLONote(a); slo != "" && len(a.Targets) == 1 { // the table of several has no such row
		p.Para("", slo, text.Faint)
	}
	if few := a.FewColdStarts(); few != "" {
		p.Para("", few, text.Faint)
	}
	if names := a.Unmeasured(); len(names) > 0 {
		p.Para("", "not measured: "+strings.Join(names, ", "), text.Faint)
	}
	if n := workloads(a); n > 1 {
		p.Para("", fmt.Sprintf("the table is of the first of %d workloads; the report has all", n), text.Faint)
	}
}

func workloads(a *figures.Analysis) int {
	var names []string
	for _, s := range a.Series {
		if !slices.Contains(names, s.Workload) {
			names = append(names, s.Workload)
		}
	}
	return len(names)
}

// writeWarnings writes those that fit above line bottom, and counts the rest.
func writeWarnings(p *page.Screen, list []advice.Advice, bottom int) {
	for i, w := range list {
		one := &page.Screen{Width: p.Width, Color: p.Color}
		writeWarning(one, w)
		room := bottom - p.Lines() - one.Lines()
		if last := i == len(list)-1; i >= 3 && (room < 0 || room < 1 && !last) {
			p.Para("         ", "and "+words.Count(len(list)-i, "more warning", "more warnings")+" in the report", text.Faint)
			return
		}
		p.Buf.Write(one.Buf.Bytes())
	}
}

func writeWarning(p *page.Screen, w advice.Advice) {
	c := text.FgYellow
	switch w.Severity {
	case advice.Serious:
		c = text.FgRed
	case advice.Notice:
		c = text.Reset
	}
	label := fmt.Sprintf("%-9s", w.Severity) // the one set of words: the report's, too
	where := w.Where()
	if where != "" {
		where = " (" + where + ")"
	}
	p.Para(label, w.Text+where+". Fix: "+w.Do+".", c)
}
