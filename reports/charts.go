package reports

import (
	"fmt"
	"html/template"

	"ancmbench"
)

// figure is a chart, and the same figures as a table for those who cannot see
// it or want to copy them.
type figure struct {
	ID, Title, Note string
	SVG             template.HTML
	Table           grid
}

// grid is a table of text; the first column names the row.
type grid struct {
	Head []string
	Rows [][]string
	// Class is how the page sets it: "words" aligns the last column as text,
	// "prose" all columns, "wide" keeps lines whole and scrolls.
	Class string
}

const labelWidth = 190 // room for the names of rows, left of a chart

// forest shows every headline ratio with its interval, turned so that right is
// worse.
func forest(a *Analysis) *figure {
	var rows []Statement
	var values []float64
	add := func(s Statement, ok bool) {
		p := s.Penalty()
		if !ok || p == nil {
			return
		}
		rows = append(rows, s)
		values = append(values, p.Value)
		if p.Interval != nil { // a very wide one must not squeeze the others
			values = append(values, max(p.Interval.Low, p.Value/20), min(p.Interval.High, p.Value*20))
		}
	}
	for _, name := range a.headlineMetrics() {
		for _, t := range a.Targets {
			add(a.Statement(name, t))
		}
		if name != "throughput_per_second" {
			continue
		}
		for _, t := range a.Targets {
			if c := a.sweepWith(t); c != nil {
				add(c.sloStatement(), true)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	lo, hi := extent(append(values, 1), 0.08, true)
	d := &drawing{}
	top, step := 30.0, 30.0
	bottom := top + step*float64(len(rows))
	x := axis{lo, hi, labelWidth, chartWidth - 200, true}
	d.legend(14, targetClasses("f", a.Targets, a), a.Targets)
	d.grid(x, top, bottom, "times", "times the baseline, turned so that right is worse (log scale)")
	d.line("one", x.at(1), top-4, x.at(1), bottom)
	f := &figure{ID: "penalty", Title: "The penalty, metric by metric",
		Note:  "Dots are means over fresh starts, bars 95 % intervals. A bar that crosses the line at 1 tells no difference; one that ends in ‹ or › goes on beyond the chart.",
		Table: grid{Head: []string{"metric", "target", "ratio", "reading"}, Class: "words"}}
	for i, s := range rows {
		y := top + step*(float64(i)+0.5)
		n := a.index(s.Target)
		if i == 0 || rows[i-1].Metric != s.Metric {
			d.text("label", "end", labelWidth-16, y+4, title(s))
		}
		p := s.Penalty()
		if p.Interval != nil {
			d.line(targetClass("s", n)+" thick", x.at(max(p.Interval.Low, lo)), y, x.at(min(p.Interval.High, hi)), y)
			if p.Interval.Low < lo {
				d.text("label", "end", x.from-2, y+4, "‹")
			}
			if p.Interval.High > hi {
				d.text("label", "start", x.to+2, y+4, "›")
			}
		}
		d.dot(targetClass("f", n), x.at(p.Value), y, 5)
		d.text("label", "start", chartWidth-188, y+4, ratio(s))
		f.Table.Rows = append(f.Table.Rows, []string{title(s), plain(s.Target), ratio(s), judgement(s)})
	}
	d.height = bottom + 46
	f.SVG = d.svg(f.ID, f.Title, "Ratios of "+list(a.Targets)+" against "+a.Baseline+", with 95 % intervals; the table below has the same figures.")
	return f
}

// index is the place of a target among all that are shown; it chooses colours.
func (a *Analysis) index(target string) int {
	for i, t := range a.everyTarget() {
		if t == target {
			return i
		}
	}
	return len(a.Targets) + 1 // a twin
}

func targetClasses(prefix string, targets []string, a *Analysis) []string {
	var out []string
	for _, t := range targets {
		out = append(out, targetClass(prefix, a.index(t)))
	}
	return out
}

// strip shows every fresh start's value of one metric, target by target; where
// more is better the axis runs backwards, so that right is worse.
func strip(a *Analysis, metric, heading string) *figure {
	m, ok := ancmbench.MetricByName(metric)
	if !ok {
		return nil
	}
	var rows []Series
	var values []float64
	for _, t := range a.everyTarget() {
		if s, ok := a.value(metric, t); ok {
			rows = append(rows, s)
			for _, v := range s.Values {
				values = append(values, v.Value)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	lo, hi := extent(values, 0.08, false)
	lo = max(lo, 0)
	d := &drawing{}
	top, step := 10.0, 44.0
	bottom := top + step*float64(len(rows))
	x, caption := axis{lo, hi, labelWidth, chartWidth - 130, false}, m.Title+"; right is worse"
	if m.Better == ancmbench.Higher {
		x.from, x.to = x.to, x.from
		caption = m.Title + "; the axis runs backwards: right is worse"
	}
	d.grid(x, top, bottom, m.Unit, caption)
	f := &figure{ID: slug(metric), Title: heading, Note: "One dot per fresh start; the bar is the geometric mean.",
		Table: grid{Head: []string{"target", "mean"}}}
	if m.Kind == ancmbench.ColdStart {
		f.Note += " " + count(a.ColdStarts, "cold start", "cold starts") + " of each target; a dot is the median of its fresh start's."
	}
	for i, s := range rows {
		y, n := top+step*(float64(i)+0.5), a.index(s.Target)
		d.text("label", "end", labelWidth-12, y+4, short(s.Target, 24))
		d.line(targetClass("s", n)+" thick", x.at(s.Center.Value), y-13, x.at(s.Center.Value), y+13)
		row := []string{plain(s.Target), amount(s.Center.Value, s.Unit)}
		for j, v := range s.Values {
			if i == 0 {
				f.Table.Head = append(f.Table.Head, fmt.Sprintf("start %d", v.Launch+1))
			}
			d.dot(targetClass("f", n)+" faint", x.at(v.Value), y+float64(j%3-1)*5, 4)
			row = append(row, amount(v.Value, s.Unit))
		}
		d.text("label", "start", chartWidth-118, y+4, amount(s.Center.Value, s.Unit))
		f.Table.Rows = append(f.Table.Rows, row)
	}
	d.height = bottom + 46
	f.SVG = d.svg(f.ID, f.Title, m.Title+" of each fresh start, per target; the table below has the same figures.")
	return f
}

// paired joins each fresh start's values of the targets with a line.
func paired(a *Analysis, metric string) *figure {
	var ss []Statement
	var values []float64
	for _, t := range a.Targets {
		if s, ok := a.Statement(metric, t); ok && s.Launches > 0 {
			ss = append(ss, s)
			for _, p := range s.Pairs {
				values = append(values, p.Base, p.Other)
			}
		}
	}
	if len(ss) == 0 {
		return nil
	}
	launches := ss[0].Pairs
	f := &figure{ID: "starts", Title: "Fresh start by fresh start: " + ss[0].Title,
		Note:  "Both sides of one line were measured in turns within the same fresh start; the statement rests on these pairs.",
		Table: grid{Head: []string{"fresh start", plain(a.Baseline)}}}
	d := &drawing{}
	top, step := 30.0, 24.0
	bottom := top + step*float64(len(launches))
	lo, hi := extent(values, 0.06, true)
	x := axis{lo, hi, labelWidth, chartWidth - 20, true}
	shown := []string{a.Baseline}
	for _, s := range ss {
		shown = append(shown, s.Target)
		f.Table.Head = append(f.Table.Head, plain(s.Target), "ratio")
	}
	d.legend(14, targetClasses("f", shown, a), shown)
	d.grid(x, top, bottom, ss[0].Unit, ss[0].Title+" (log scale); right is worse")
	for i, first := range launches {
		y := top + step*(float64(i)+0.5)
		d.text("label", "end", labelWidth-12, y+4, fmt.Sprintf("fresh start %d", first.Launch+1))
		row := []string{fmt.Sprint(first.Launch + 1), amount(first.Base, ss[0].Unit)}
		for _, s := range ss {
			p, ok := s.pair(first.Launch)
			if !ok {
				row = append(row, absent, absent)
				continue
			}
			d.line("join", x.at(p.Base), y, x.at(p.Other), y)
			d.dot(targetClass("f", a.index(s.Target)), x.at(p.Other), y, 5)
			row = append(row, amount(p.Other, s.Unit), times(p.Other/p.Base, 0)+"x")
		}
		d.dot(targetClass("f", 0), x.at(first.Base), y, 5)
		f.Table.Rows = append(f.Table.Rows, row)
	}
	d.height = bottom + 46
	f.SVG = d.svg(f.ID, f.Title, "The values of each fresh start, joined; the table below has the same figures.")
	return f
}

func (s Statement) pair(launch int) (Pair, bool) {
	for _, p := range s.Pairs {
		if p.Launch == launch {
			return p, true
		}
	}
	return Pair{}, false
}
