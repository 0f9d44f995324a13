package charts

import (
	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// ChangeIsWorse reports whether a change of a row is for the worse: a penalty is turned so
// that more is worse, and a value is worse by its metric's direction.
func ChangeIsWorse(r figures.ComparedRow, change float64) bool {
	if r.Absolute && r.Better == ancmbench.Higher {
		return change < 1
	}
	return change > 1
}

// mostCompared limits the rows of the chart; the table has all.
const mostCompared = 40

// Compared shows the change of every row from the first run to each of the others. It
// returns nil if no change can be stated.
func Compared(c *figures.Comparison) *page.Figure {
	type line struct {
		name string
		row  figures.ComparedRow
		run  int
	}
	var lines []line
	values := []float64{1}
	several := false
	for _, r := range c.Rows {
		several = several || r.Target != c.Rows[0].Target
	}
	for _, r := range c.Rows {
		for i, e := range r.Changes {
			if e == nil || len(lines) == mostCompared {
				continue
			}
			name := r.Title
			if several {
				name += ", " + r.Target
			}
			lines = append(lines, line{name, r, i})
			values = append(values, turnedBack(r, e.Value), max(turnedBack(r, e.Low()), 0.2), min(turnedBack(r, e.High()), 5))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	f := &page.Figure{ID: "changes", Title: "Changes from " + words.Plain(c.Labels[0]),
		Note:  "Marks are changes, bars 95 % intervals, turned so that right is worse. A bar that crosses the line at 1 means that no change was detected.",
		Table: page.Grid{Head: []string{"metric", "run", "change", "reading"}, Class: "words"}}
	lo, hi := page.Extent(values, 0.08, true)
	f.Draw("Changes with 95 % intervals; the table below has the same figures.", func(d *page.Drawing) {
		top := 8.0
		if len(c.Labels) > 2 {
			var keys []page.Key
			for i, l := range c.Labels[1:] {
				keys = append(keys, page.Key{Name: l, Paint: page.TargetPaint("", i), As: "mark"})
			}
			top = d.Legend(keys)
		}
		l := d.Lanes(len(lines), top, 28, 230, 150)
		x := page.Axis{Lo: lo, Hi: hi, From: l.Left, To: l.Right, Log: true}
		d.Grid(x, top, l.Bottom, "times", "times the first run, turned so that right is worse (log scale)")
		for i, one := range lines {
			e, paint, y := one.row.Changes[one.run], page.TargetPaint("", one.run), l.Middle(i)
			said := words.Relative(e.Value)
			if e.Interval != nil && e.Interval.Holds(1) {
				said += " ~"
			}
			l.Name(i, one.name, said)
			l.Value(i, 0, said)
			a, b := x.At(min(max(turnedBack(one.row, e.Low()), lo), hi)), x.At(min(max(turnedBack(one.row, e.High()), lo), hi))
			d.Line(paint.Stroke()+" thick", a, y, b, y)
			d.Mark(paint, "", x.At(min(max(turnedBack(one.row, e.Value), lo), hi)), y, 5)
		}
		l.Upright("one", x.At(1))
		d.Height = l.Bottom + d.Foot()
	})
	for _, one := range lines {
		e := one.row.Changes[one.run]
		reading := "better"
		switch {
		case e.Interval != nil && e.Interval.Holds(1):
			reading = "no change detected"
		case ChangeIsWorse(one.row, e.Value):
			reading = "worse"
		}
		f.Table.Rows = append(f.Table.Rows, []string{one.name, words.Plain(c.Labels[one.run+1]), words.Relative(e.Value) + e.Range(words.Relative), reading})
	}
	return f
}

// turnedBack turns a change so that more than 1 is worse.
func turnedBack(r figures.ComparedRow, v float64) float64 {
	if r.Absolute && r.Better == ancmbench.Higher && v > 0 {
		return 1 / v
	}
	return v
}
