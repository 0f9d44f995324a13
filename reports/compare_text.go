package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
)

// CompareText writes the comparison as a table: for two runs both values and the
// change with its interval, for more a column per run with the change from the
// first where one is told.
func CompareText(w io.Writer, c *Comparison, opts TextOptions) error {
	p := newPage(opts)
	for _, l := range c.intro() {
		p.para("", l, text.Reset)
	}
	p.line("")
	if len(c.Rows) > 0 {
		t := newTable()
		head := table.Row{}
		for _, h := range c.head() {
			head = append(head, short(h, 24))
		}
		t.AppendHeader(head)
		for _, r := range c.Rows {
			row := table.Row{}
			for _, cell := range c.cells(r) {
				row = append(row, short(cell, 44))
			}
			t.AppendRow(row)
		}
		cs := columns(len(head), 0)
		if len(c.Labels) == 2 {
			cs = columns(len(head), 4)
		}
		t.SetColumnConfigs(cs)
		p.raw(t.Render())
	}
	for _, l := range c.notes() {
		p.para("", l, text.Faint)
	}
	if len(c.Differences) > 0 {
		p.line("")
	}
	for _, d := range c.Differences {
		p.para("differs  ", d, text.FgYellow)
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

// CompareMarkdown writes the same for a step summary or a comment, under 60 kB.
func CompareMarkdown(w io.Writer, c *Comparison) error {
	m := &markdown{}
	for _, l := range c.intro() {
		m.line("%s\n", markdownText(l))
	}
	head := c.head()
	if len(c.Rows) > 0 {
		m.row(head...)
		m.line("|---|%s", strings.Repeat("--:|", len(head)-1))
	}
	for _, r := range c.Rows {
		m.row(c.cells(r)...)
	}
	m.line("")
	for _, l := range c.notes() {
		m.line("%s", markdownText(l))
	}
	m.line("")
	for _, d := range c.Differences {
		m.line("- differs: %s", markdownText(d))
	}
	return m.writeTo(w)
}

func (c *Comparison) intro() []string {
	what := "Penalties of each target over its baseline (more than 1 is worse)"
	if len(c.Rows) > 0 && c.Rows[0].Absolute {
		what = "Values"
	}
	if len(c.Rows) == 0 {
		return []string{fmt.Sprintf("%d runs, and nothing that counts in any.", len(c.Labels))}
	}
	return []string{fmt.Sprintf("%s in %d runs; changes are from %s.", what, len(c.Labels), plain(c.Labels[0]))}
}

func (c *Comparison) head() []string {
	head := append([]string{""}, c.Labels...)
	if len(c.Labels) == 2 {
		head = append(head, "change [95 % interval]")
	}
	return head
}

func (c *Comparison) cells(r ComparedRow) []string {
	out := []string{c.name(r)}
	for i, v := range r.Values {
		cell := value(v, r.Unit)
		if !r.Absolute && v != nil {
			cell = times(v.Value, 0) + "x"
		}
		if i > 0 && len(c.Labels) > 2 && r.Changes[i-1] != nil {
			cell += " " + change(r.Changes[i-1])
		}
		out = append(out, cell)
	}
	if len(c.Labels) == 2 {
		cell := absent
		if e := r.Changes[0]; e != nil {
			cell = relative(e.Value) + " [" + relative(e.Interval.Low) + ", " + relative(e.Interval.High) + "]"
			if e.Interval.Holds(1) {
				cell += " " + Same
			}
		}
		out = append(out, cell)
	}
	return out
}

// change is "+4.1 %", and "~" where none is told.
func change(e *Estimate) string {
	if e.Interval.Holds(1) {
		return Same
	}
	return relative(e.Value)
}

// relative writes a ratio as what it adds: "+4.1 %", "-3.0 %", and "2.50x" for
// more than double.
func relative(r float64) string {
	switch {
	case r > 0.9995 && r < 1.0005:
		return "0.0 %"
	case r < 1:
		return "-" + percent(1-r)
	case r > 2:
		return times(r, 0) + "x"
	}
	return "+" + percent(r-1)
}

// name says what the row is of, as far as the rows differ in it.
func (c *Comparison) name(r ComparedRow) string {
	s := r.Title
	differ := func(of func(ComparedRow) string) bool {
		for _, x := range c.Rows {
			if of(x) != of(r) {
				return true
			}
		}
		return false
	}
	if differ(func(x ComparedRow) string { return x.Target }) {
		s += " of " + plain(r.Target)
	}
	if differ(func(x ComparedRow) string { return x.Workload }) && r.Workload != "" {
		s += " on " + plain(r.Workload)
	}
	for _, x := range c.Rows {
		if x.Metric == r.Metric && x.Target == r.Target && x.Workload == r.Workload && x.Phase != r.Phase {
			return s + " in " + plain(r.Phase)
		}
	}
	return s
}

func (c *Comparison) notes() []string {
	told, stated, unstated := 0, 0, 0
	for _, r := range c.Rows {
		for _, e := range r.Changes {
			switch {
			case e == nil:
				unstated++
			case !e.Interval.Holds(1):
				told++
				stated++
			default:
				stated++
			}
		}
	}
	var out []string
	if stated > told {
		out = append(out, Same+" no change told: the 95 % interval includes 1")
	}
	if told > 0 && stated >= 10 {
		out = append(out, fmt.Sprintf("%d of %d changes are told; where there is none, 1 in 20 is told by chance: a gate decides (ancmbench gate)", told, stated))
	}
	if unstated > 0 {
		out = append(out, fmt.Sprintf("%s not stated: settings, hosts or requests differ, or a run has fewer than two fresh starts of it", count(unstated, "change", "changes")))
	}
	return out
}

// LabelOf is what a run is called beside others when nobody named it: when it was
// started.
func LabelOf(run *ancmbench.Run) string {
	return run.Started.UTC().Format("2006-01-02 15:04") + " " + plain(run.Profile.Name)
}
