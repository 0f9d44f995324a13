package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// CompareText writes the comparison as a table: for two runs both values and the
// change with its interval, for more a column per run with the change from the
// first where one was detected.
func CompareText(w io.Writer, c *figures.Comparison, opts page.Options) error {
	p := page.NewScreen(opts)
	if !opts.Brief || len(c.Rows) == 0 {
		for _, l := range compareIntro(c) {
			p.Para("", l, text.Reset)
		}
		p.Line("")
	}
	if len(c.Rows) > 0 {
		t := page.NewTable()
		head := table.Row{}
		for _, h := range compareHead(c) {
			head = append(head, words.Short(h, 32))
		}
		t.AppendHeader(head)
		for _, r := range c.Rows {
			row := table.Row{}
			for _, cell := range compareCells(c, r) {
				row = append(row, words.Short(cell, 44))
			}
			t.AppendRow(row)
		}
		cs := page.Columns(len(head), 0)
		if len(c.Labels) == 2 {
			cs = page.Columns(len(head), 4)
		}
		t.SetColumnConfigs(cs)
		p.Raw(page.Fit(t, p.Width))
	}
	if !opts.Brief {
		writeCompareNotes(p, c)
	}
	_, err := w.Write(p.Buf.Bytes())
	return err
}

func writeCompareNotes(p *page.Screen, c *figures.Comparison) {
	for _, l := range compareNotes(c) {
		p.Para("", l, text.Faint)
	}
	if len(c.Differences) > 0 {
		p.Line("")
	}
	for _, d := range c.Differences {
		p.Para("differs  ", d, text.FgYellow)
	}
}

// CompareMarkdown writes the same for a step summary or a comment, under 60 kB.
func CompareMarkdown(w io.Writer, c *figures.Comparison) error {
	m := &page.Markdown{}
	for _, l := range compareIntro(c) {
		m.Line("%s\n", page.MarkdownText(l))
	}
	head := compareHead(c)
	if len(c.Rows) > 0 {
		m.Row(head...)
		m.Line("|---|%s", strings.Repeat("--:|", len(head)-1))
	}
	for _, r := range c.Rows {
		m.Row(compareCells(c, r)...)
	}
	m.Line("")
	for _, l := range compareNotes(c) {
		m.Line("%s", page.MarkdownText(l))
	}
	m.Line("")
	for _, d := range c.Differences {
		m.Line("- differs: %s", page.MarkdownText(d))
	}
	return m.Into(w)
}

func compareIntro(c *figures.Comparison) []string {
	what := strings.ToUpper(c.Penalty[:1]) + c.Penalty[1:] + " of each target over its baseline (more than 1 is worse)"
	if len(c.Rows) > 0 && c.Rows[0].Absolute {
		what = "Values"
	}
	if len(c.Rows) == 0 {
		return []string{fmt.Sprintf("%d runs, and no counted trial in any.", len(c.Labels))}
	}
	return []string{fmt.Sprintf("%s in %d runs; changes are from %s.", what, len(c.Labels), words.Plain(c.Labels[0]))}
}

func compareHead(c *figures.Comparison) []string {
	head := append([]string{""}, c.Labels...)
	if len(c.Labels) == 2 {
		head = append(head, "change [95 % interval]")
	}
	return head
}

func compareCells(c *figures.Comparison, r figures.ComparedRow) []string {
	out := []string{compareName(c, r)}
	for i, v := range r.Values {
		cell := stats.Value(v, r.Unit)
		if !r.Absolute && v != nil {
			cell = words.Times(v.Value, 0) + "x"
		}
		if i > 0 && len(c.Labels) > 2 && r.Changes[i-1] != nil {
			cell += " " + change(r.Changes[i-1])
		}
		out = append(out, cell)
	}
	if len(c.Labels) == 2 {
		cell := words.Absent
		if e := r.Changes[0]; e != nil {
			cell = words.Relative(e.Value) + e.Range(words.Relative)
			if e.Interval.Holds(1) {
				cell += " " + stats.Same
			}
		}
		out = append(out, cell)
	}
	return out
}

// change is "+4.1 %", and "~" where none was detected.
func change(e *stats.Estimate) string {
	if e.Interval.Holds(1) {
		return stats.Same
	}
	return words.Relative(e.Value)
}

// compareName returns what distinguishes the row from the others.
func compareName(c *figures.Comparison, r figures.ComparedRow) string {
	s := r.Title
	differ := func(of func(figures.ComparedRow) string) bool {
		for _, x := range c.Rows {
			if of(x) != of(r) {
				return true
			}
		}
		return false
	}
	if differ(func(x figures.ComparedRow) string { return x.Target }) {
		s += " of " + words.Plain(r.Target)
	}
	if differ(func(x figures.ComparedRow) string { return x.Workload }) && r.Workload != "" {
		s += " on " + words.Plain(r.Workload)
	}
	for _, x := range c.Rows {
		if x.Metric == r.Metric && x.Target == r.Target && x.Workload == r.Workload && x.Phase != r.Phase {
			return s + " in " + words.Plain(r.Phase)
		}
	}
	return s
}

func compareNotes(c *figures.Comparison) []string {
	detected, stated, unstated := 0, 0, 0
	for _, r := range c.Rows {
		for _, e := range r.Changes {
			switch {
			case e == nil:
				unstated++
			case !e.Interval.Holds(1):
				detected++
				stated++
			default:
				stated++
			}
		}
	}
	var out []string
	if stated > detected {
		out = append(out, stats.Same+" no change detected: the 95 % interval includes 1")
	}
	if detected > 0 && stated >= 10 {
		out = append(out, fmt.Sprintf("%d of %d changes are detected; without any real change, 1 in 20 is detected by chance: use a gate for a decision (ancmbench gate)", detected, stated))
	}
	if unstated > 0 {
		out = append(out, fmt.Sprintf("%s not stated: settings, hosts or requests differ, or a run has fewer than two fresh starts of it", words.Count(unstated, "change", "changes")))
	}
	return out
}
