package charts

import (
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// mostStarts limits the rows of a chart of fresh starts; the table has all.
const mostStarts = 60

// Strip returns the chart of one metric with one mark per fresh start, target by target. The
// axis runs backwards where more is better, so that right is worse. It returns nil if no
// target has a value.
func Strip(a *figures.Analysis, metric, heading string) *page.Figure {
	m, ok := ancmbench.MetricByName(metric)
	if !ok {
		return nil
	}
	var rows []figures.Series
	var values []float64
	for _, t := range a.EveryTarget() {
		if s, ok := a.SeriesOf(metric, t); ok {
			rows = append(rows, s)
			for _, v := range s.Values {
				values = append(values, v.Value)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	f := &page.Figure{ID: page.Slug(metric), Title: heading, Note: "One mark per fresh start; the bar is the geometric mean.",
		Table: page.Grid{}}
	if m.Kind == ancmbench.ColdStart && a.ColdStarts > len(rows[0].Values) {
		f.Note += " Each target had " + words.Count(a.ColdStarts, "cold start", "cold starts") + ", several in a fresh start; a mark is their median."
	}
	lo, hi := page.Extent(values, 0.08, false)
	f.Draw(m.Title+" of each fresh start, per target; the table below has the same figures.", func(d *page.Drawing) {
		l := d.Lanes(len(rows), 8, 40, 190, 130)
		x, caption := page.Axis{Lo: max(lo, 0), Hi: hi, From: l.Left, To: l.Right}, m.Title+"; right is worse"
		if m.Better == ancmbench.Higher {
			x.From, x.To = x.To, x.From
			caption = m.Title + "; the axis runs backwards: right is worse"
		}
		d.Grid(x, l.Top, l.Bottom, m.Unit, caption)
		for i, s := range rows {
			y, paint, said := l.Middle(i), paintOf(a, s.Target), words.Amount(s.Center.Value, s.Unit)
			l.Name(i, s.Target, said)
			l.Value(i, 0, said)
			d.Line(paint.Stroke()+" thick", x.At(s.Center.Value), y-13, x.At(s.Center.Value), y+13)
			for j, v := range s.Values {
				d.Mark(paint, "faint", x.At(v.Value), y+float64(j%3-1)*5, 4)
			}
		}
		d.Height = l.Bottom + d.Foot()
	})
	f.Table.Head = []string{"fresh start"}
	mean := []string{"mean"}
	var launches []int
	for _, s := range rows {
		f.Table.Head = append(f.Table.Head, words.Plain(s.Target))
		mean = append(mean, words.Amount(s.Center.Value, s.Unit))
		for _, v := range s.Values {
			if !slices.Contains(launches, v.Launch) {
				launches = append(launches, v.Launch)
			}
		}
	}
	f.Table.Rows = append(f.Table.Rows, mean)
	slices.Sort(launches)
	for _, l := range launches {
		row := []string{fmt.Sprint(l + 1)}
		for _, s := range rows {
			i := slices.IndexFunc(s.Values, func(v figures.LaunchValue) bool { return v.Launch == l })
			if i < 0 {
				row = append(row, words.Absent)
				continue
			}
			row = append(row, words.Amount(s.Values[i].Value, s.Unit))
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	return f
}

// pairedTable has two columns for each target, or of more than three a row each: columns for
// them would be wider than a page.
func pairedTable(a *figures.Analysis, rows []pairedRow, shown []string, title, unit string) (head []string, out [][]string) {
	long := len(shown) > 3
	head = []string{"fresh start", words.Plain(a.Baseline)}
	for _, t := range shown {
		head = append(head, words.Plain(t), "ratio")
	}
	if long {
		head = []string{"fresh start", "target", title, "ratio"}
	}
	for _, r := range rows {
		row := []string{fmt.Sprint(r.launch + 1), words.Amount(r.base, unit)}
		if long {
			out = append(out, []string{row[0], words.Plain(a.Baseline), row[1], "1"})
		}
		for _, t := range shown {
			value, ratio := words.Absent, words.Absent
			if i := slices.IndexFunc(r.marks, func(m pairedMark) bool { return m.target == t }); i >= 0 {
				value, ratio = words.Amount(r.marks[i].value, unit), words.Times(r.marks[i].value/r.base, 0)+"x"
			}
			row = append(row, value, ratio)
			if long {
				out = append(out, []string{row[0], words.Plain(t), value, ratio})
			}
		}
		if !long {
			out = append(out, row)
		}
	}
	return head, out
}

// pairedRow is one fresh start: the values of the targets of one design.
type pairedRow struct {
	launch int
	base   float64
	marks  []pairedMark
}

type pairedMark struct {
	target string
	value  float64
	twin   bool
}

// Paired joins each fresh start's values of the targets with a line; the A/A points, of
// second copies, are hollow. It returns nil if no fresh start has a pair.
func Paired(a *figures.Analysis, metric string) *page.Figure {
	rows, shown, title, unit := pairedRows(a, metric)
	if len(rows) == 0 {
		return nil
	}
	f := &page.Figure{ID: "starts", Title: "Fresh start by fresh start: " + title,
		Note:  "All marks of a row were measured in turns within the same fresh start. The ratio rests on these pairs.",
		Table: page.Grid{}}
	keys := keys(a, append([]string{a.Baseline}, shown...), "mark")
	for i := range keys {
		if slices.ContainsFunc(a.Noise, func(s figures.Statement) bool { return s.Target == keys[i].Name }) {
			keys[i].Paint, keys[i].As = paintOf(a, a.Baseline), "hollow"
		}
	}
	if len(a.Noise) > 0 {
		f.Note += " Hollow marks are the A/A points: a second copy of a target. How far they lie from the first copy is the instrument's own noise."
	}
	drawn := rows[:min(len(rows), mostStarts)]
	if len(drawn) < len(rows) {
		f.Note += fmt.Sprintf(" The first %d of %d are drawn; the table has all.", len(drawn), len(rows))
	}
	var values []float64
	for _, r := range rows {
		values = append(values, r.base)
		for _, m := range r.marks {
			values = append(values, m.value)
		}
	}
	f.Table.Head, f.Table.Rows = pairedTable(a, rows, shown, title, unit)
	lo, hi := page.Extent(values, 0.06, true)
	f.Draw("The values of each fresh start, joined; the table below has the same figures.", func(d *page.Drawing) {
		top := d.Legend(keys)
		left := 60.0
		if d.Narrow {
			left = 30
		}
		step := 22.0
		bottom := top + step*float64(len(drawn))
		x := page.Axis{Lo: lo, Hi: hi, From: left, To: d.Width - 20, Log: true}
		d.Grid(x, top, bottom, unit, title+" by fresh start (log scale); right is worse")
		for i, r := range drawn {
			y := top + step*(float64(i)+0.5)
			d.Text("tick", "end", left-10, y+4, fmt.Sprint(r.launch+1))
			for _, m := range r.marks {
				d.Line("join", x.At(r.base), y, x.At(m.value), y)
			}
			for _, m := range r.marks {
				if m.twin {
					d.Mark(paintOf(a, a.Baseline), "hollow "+paintOf(a, a.Baseline).Stroke(), x.At(m.value), y, 5)
					continue
				}
				d.Mark(paintOf(a, m.target), "", x.At(m.value), y, 5)
			}
			d.Mark(paintOf(a, a.Baseline), "", x.At(r.base), y, 5)
		}
		d.Height = bottom + d.Foot()
	})
	return f
}

// pairedRows returns the fresh starts of a metric, the targets that have values beside
// the baseline, twins last, and the metric's title and unit.
func pairedRows(a *figures.Analysis, metric string) (rows []pairedRow, shown []string, title, unit string) {
	add := func(s figures.Statement, twin bool) {
		if len(s.Pairs) == 0 || slices.Contains(shown, s.Target) {
			return
		}
		shown, title, unit = append(shown, s.Target), s.Title, s.Unit
		for _, p := range s.Pairs {
			i := slices.IndexFunc(rows, func(r pairedRow) bool { return r.launch == p.Launch })
			if i < 0 {
				i = len(rows)
				rows = append(rows, pairedRow{launch: p.Launch, base: p.Base})
			}
			rows[i].marks = append(rows[i].marks, pairedMark{s.Target, p.Other, twin})
		}
	}
	for _, t := range a.Targets {
		if s, ok := a.Statement(metric, t); ok {
			add(s, false)
		}
	}
	for _, s := range a.Noise {
		if s.Metric == metric && s.Baseline == a.Baseline {
			add(s, true)
		}
	}
	slices.SortFunc(rows, func(x, y pairedRow) int { return x.launch - y.launch })
	return rows, shown, title, unit
}
