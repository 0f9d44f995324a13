package reports

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Headline is the verdict in one sentence.
func (v *Verdict) Headline() string {
	what := v.subject()
	reasons := strings.Join(v.Reasons, "; ")
	switch v.Outcome {
	case Pass:
		if v.Form == BudgetsOnly {
			return "pass: " + what + " keep to every budget"
		}
		return "pass: " + what + " is not worse by the margin"
	case Fail:
		if v.Form == BudgetsOnly {
			return "fail: " + reasons
		}
		return "fail: " + what + ": " + reasons
	case Invalid:
		return "invalid: " + reasons
	}
	var names []string
	for _, m := range v.undecided() {
		if !m.Advisory {
			names = append(names, m.name(v))
		}
	}
	return string(v.Outcome) + ": " + what + ": no decision on " + list(names)
}

// subject is what was compared with what, in the verdict's own words.
func (v *Verdict) subject() string {
	target := plain(cmp.Or(v.Target, "the run"))
	switch v.Form {
	case HeadAgainstBase:
		return target + " against " + plain(v.Baseline)
	case PenaltyAgainstStored:
		return "the penalty of " + target + " over " + plain(v.Baseline) + " against the stored one"
	case AgainstStored:
		return target + " against the stored run"
	}
	return "the servers"
}

// sides are the titles of the two columns of values.
func (v *Verdict) sides() (base, other string) {
	switch v.Form {
	case HeadAgainstBase:
		return v.Baseline, v.Target
	case PenaltyAgainstStored, AgainstStored:
		return "stored", "now"
	}
	return "budget", "now"
}

// conditions is under what the verdict holds.
func (v *Verdict) conditions() string {
	words := []string{count(v.Launches, "fresh start", "fresh starts") + fmt.Sprintf(" of at most %d", cmp.Or(v.Asked, v.Plan.Most))}
	if v.Elapsed > 0 {
		words = append(words, Span(v.Elapsed.D()))
	}
	for _, m := range v.Metrics {
		if m.Rate > 0 {
			words = append(words, rate(m.Rate)+" each")
			break
		}
	}
	words = append(words, fmt.Sprintf("looks after %d and each further one, over all looks at most %s false failures and %s wrong passes",
		v.Plan.First, percent(v.Plan.Alpha), percent(v.Plan.Beta)))
	return strings.Join(words, ", ")
}

// cells are the columns of one metric's row: name, base, other, ratio, margin,
// outcome.
func (m MetricVerdict) cells(v *Verdict) []string {
	base, margin, name := shown(m.Base, m.Unit), percent(m.Margin), m.name(v)
	if m.Budget != nil {
		base, margin = shown(&Estimate{Value: m.Budget.Bound}, m.Unit), "budget"
	}
	outcome := string(m.Outcome)
	if m.Advisory {
		name += " (advisory)"
	} else if m.Outcome == Fail {
		outcome = "FAIL"
	}
	r := absent
	if m.Ratio != nil {
		r = ratio(Statement{Ratio: m.Ratio, Better: m.Better})
	}
	return []string{name, base, shown(m.Other, m.Unit), r, margin, outcome}
}

// GateText writes the verdict on one screen: the outcome in a sentence, a row per
// metric, why there is no decision and what could have told, and what else to know.
func GateText(w io.Writer, v *Verdict, opts TextOptions) error {
	p := newPage(opts)
	colors := map[Outcome]text.Color{Pass: text.FgGreen, Fail: text.FgRed, Invalid: text.FgRed}
	color, ok := colors[v.Outcome]
	if !ok {
		color = text.FgYellow
	}
	word, rest, _ := strings.Cut(v.Headline(), ":")
	p.para("", strings.ToUpper(word)+":"+rest, color)
	p.para("", subjectWords(v.Subject, v.Program)+"; "+v.conditions(), text.Faint)
	if words := v.builtFrom(); words != "" {
		p.para("built from ", words, text.Reset)
	}
	p.line("")
	p.gateRows(v, cmp.Or(opts.Height, 40))
	for _, words := range v.asides() {
		p.para("note     ", words, text.Reset)
	}
	for _, n := range v.Notes {
		p.para("note     ", n, text.Reset)
	}
	if v.Unused > 0 {
		p.para("note     ", count(v.Unused, "fresh start", "fresh starts")+" after the decision not looked at", text.Reset)
	}
	allowed := ""
	if v.Allowed {
		allowed = " (no decision is allowed)"
	}
	p.line(fmt.Sprintf("exit     %d%s", v.ExitCode, allowed))
	_, err := w.Write(p.buf.Bytes())
	return err
}

// gateRows writes the table and under it the reason of each metric without a
// decision, as far as they fit above bottom.
func (p *page) gateRows(v *Verdict, bottom int) {
	if len(v.Metrics) == 0 {
		return
	}
	base, other := v.sides()
	t := newTable()
	wide := p.width >= 96 // else the margin, which is in the reasons, gives way
	t.AppendHeader(table.Row{"", short(base, 18), short(other, 18), "ratio [95 % interval]", "margin", "outcome"})
	room, left := max(bottom-p.lines()-12, 4), 0
	for i, m := range v.Metrics {
		if i >= room && m.Outcome == Pass {
			left++
			continue
		}
		row := table.Row{}
		for _, c := range m.cells(v) {
			row = append(row, short(c, max(p.width*2/5, 36)))
		}
		t.AppendRow(row)
	}
	cs := columns(6, 6)
	cs[4].Hidden = !wide
	cs[3].Align, cs[3].AlignHeader = text.AlignLeft, text.AlignLeft
	t.SetColumnConfigs(cs)
	p.raw(t.Render())
	if left > 0 {
		p.line(fmt.Sprintf("and %d more that passed", left))
	}
	p.line("")
	for i, m := range v.undecided() {
		if p.lines() > bottom-4 && i > 2 {
			p.para("why      ", "and "+count(len(v.undecided())-i, "more", "more")+" without decision", text.Reset)
			break
		}
		p.para("why      ", m.name(v)+": "+m.Why+"; "+m.told(), text.Reset)
	}
}

// undecided are the metrics without a decision, the advisory ones last.
func (v *Verdict) undecided() []MetricVerdict {
	var gated, advisory []MetricVerdict
	for _, m := range v.Metrics {
		switch {
		case m.Outcome != Inconclusive && m.Outcome != Unstable:
		case m.Advisory:
			advisory = append(advisory, m)
		default:
			gated = append(gated, m)
		}
	}
	return append(gated, advisory...)
}
