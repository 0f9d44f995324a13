package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// GateText writes the verdict on one screen: the outcome in a sentence, a row per
// metric, why there is no decision and the smallest detectable effect, and what else to know.
func GateText(w io.Writer, v *gate.Verdict, opts page.Options) error {
	p := page.NewScreen(opts)
	colors := map[gate.Outcome]text.Color{gate.Pass: text.FgGreen, gate.Fail: text.FgRed, gate.Invalid: text.FgRed}
	color, ok := colors[v.Outcome]
	if !ok {
		color = text.FgYellow
	}
	word, rest, _ := strings.Cut(v.Headline(), ":")
	p.Para("", strings.ToUpper(word)+":"+rest, color)
	p.Para("", figures.SubjectWords(v.Subject, v.Program, v.Servers)+"; "+v.Conditions(), text.Faint)
	if said := v.BuiltFrom(); said != "" {
		p.Para("built from ", said, text.Reset)
	}
	p.Line("")
	writeGateRows(p, v, cmp.Or(opts.Height, 40))
	for _, said := range v.Asides() {
		p.Para("note     ", said, text.Reset)
	}
	for _, n := range v.Notes {
		p.Para("note     ", n, text.Reset)
	}
	if v.Unused > 0 {
		p.Para("note     ", words.Count(v.Unused, "fresh start", "fresh starts")+" after the decision not used", text.Reset)
	}
	allowed := ""
	if v.Allowed {
		allowed = " (no decision is allowed)"
	}
	if v.Report != "" {
		p.Path("report   ", v.Report)
	}
	if len(v.Command) > 0 {
		p.Command("repeat   ", v.Command)
	}
	p.Line(fmt.Sprintf("exit     %d%s", v.ExitCode, allowed))
	_, err := w.Write(p.Buf.Bytes())
	return err
}

// writeGateRows writes the table and under it the reason of each metric without a
// decision, as far as they fit above bottom.
func writeGateRows(p *page.Screen, v *gate.Verdict, bottom int) {
	if len(v.Metrics) == 0 {
		return
	}
	room, left, i := max(bottom-p.Lines()-12, 4), 0, 0
	for n, b := range v.Blocks() {
		if n > 0 {
			p.Line("")
		}
		t := page.NewTable()
		head := table.Row{""}
		for _, title := range b.Head {
			head = append(head, words.Short(title, 32))
		}
		head[1], head[2] = words.Short(b.Head[0], 18), words.Short(b.Head[1], 18)
		t.AppendHeader(head)
		for _, m := range b.Rows {
			if i++; i > room && m.Outcome == gate.Pass {
				left++
				continue
			}
			row := table.Row{}
			for _, c := range m.Cells(v) {
				row = append(row, words.Short(c, max(p.Width*2/5, 36)))
			}
			t.AppendRow(row)
		}
		cs := page.Columns(6, 6)
		cs[4].Hidden = p.Width < 96 || b.Head[3] == "" // the margin, which is in the reasons, gives way
		cs[3].Align, cs[3].AlignHeader = text.AlignLeft, text.AlignLeft
		t.SetColumnConfigs(cs)
		p.Raw(page.Fit(t, p.Width))
	}
	if left > 0 {
		p.Line(fmt.Sprintf("and %d more that passed", left))
	}
	p.Line("")
	for i, m := range v.Undecided() {
		if p.Lines() > bottom-4 && i > 2 {
			p.Para("why      ", "and "+words.Count(len(v.Undecided())-i, "more", "more")+" without decision", text.Reset)
			break
		}
		p.Para("why      ", m.Name(v)+": "+m.Why+"; "+m.Told(), text.Reset)
	}
}
