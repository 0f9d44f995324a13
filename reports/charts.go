package reports

import (
	"fmt"
	"html/template"
	"math"
	"time"

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
	for _, name := range a.headlineMetrics() {
		for _, t := range a.Targets {
			s, ok := a.Statement(name, t)
			if !ok || s.Penalty() == nil {
				continue
			}
			rows = append(rows, s)
			p := s.Penalty()
			values = append(values, p.Value)
			if p.Interval != nil { // a very wide one must not squeeze the others
				values = append(values, max(p.Interval.Low, p.Value/20), min(p.Interval.High, p.Value*20))
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

// tail maps a quantile to its height on a scale that gives each further nine
// the same room.
func tail(q float64) float64 { return -math.Log10(1 - q) }

var tailTicks = []struct {
	q    float64
	name string
}{{0, "0 %"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}, {0.9999, "99.99 %"}}

// curvePoints gives the quantiles of a histogram up to the last that has enough
// samples beyond it.
func curvePoints(h *ancmbench.Histogram) (qs, seconds []float64) {
	n := float64(h.Count())
	last := 1 - ancmbench.MinBeyond/n
	var below int64
	h.Buckets(func(upTo time.Duration, c int64) bool {
		below += c
		q := float64(below) / n
		if q > last {
			return false
		}
		qs, seconds = append(qs, q), append(seconds, upTo.Seconds())
		return true
	})
	return thin(qs, seconds)
}

// thin keeps at most some hundred points, evenly along the curve's height.
func thin(qs, xs []float64) (tq, tx []float64) {
	const room = 160
	if len(qs) == 0 {
		return nil, nil
	}
	step := tail(qs[len(qs)-1]) / room
	next := -1.0
	for i, q := range qs {
		if tail(q) >= next || i == len(qs)-1 {
			tq, tx = append(tq, q), append(tx, xs[i])
			next = tail(q) + step
		}
	}
	return tq, tx
}

// percentiles draws the distribution of one latency phase, all fresh starts
// pooled.
func percentiles(a *Analysis, phase, workload string, number int) *figure {
	type drawn struct {
		curve
		qs, xs []float64
	}
	var curves []drawn
	var values, heights []float64
	for _, c := range a.curves {
		if c.phase != phase || c.workload != workload || a.index(c.target) > len(a.Targets) {
			continue
		}
		qs, xs := curvePoints(c.histogram)
		if len(qs) < 2 {
			continue
		}
		curves = append(curves, drawn{c, qs, xs})
		values = append(values, xs...)
		heights = append(heights, tail(qs[len(qs)-1]))
	}
	if len(curves) == 0 {
		return nil
	}
	f := &figure{ID: fmt.Sprintf("latency-%d", number), Title: fmt.Sprintf("How long a request takes: %s time", a.Latency),
		Note:  "All fresh starts pooled, for the picture only; each curve ends where fewer than 10 samples are left.",
		Table: grid{Head: []string{"target", "p50", "p90", "p99", "p99.9", "samples"}}}
	lo, hi := extent(values, 0.03, true)
	_, most := extent(heights, 0.02, false)
	d := &drawing{height: 362}
	x, y := axis{lo, hi, 70, chartWidth - 20, true}, axis{0, most, 320, 34, false}
	d.grid(x, 34, 320, "seconds", a.Latency+" time (log scale); right is worse")
	for _, t := range tailTicks {
		if h := tail(t.q); h <= most {
			d.line("grid", 70, y.at(h), chartWidth-20, y.at(h))
			d.text("tick", "end", 62, y.at(h)+4, t.name)
		}
	}
	var names, classes []string
	for _, c := range curves {
		n := a.index(c.target)
		points := make([]point, len(c.qs))
		for i := range c.qs {
			points[i] = point{x.at(c.xs[i]), y.at(tail(c.qs[i]))}
		}
		d.path(targetClass("s", n)+" curve", points)
		names, classes = append(names, c.target), append(classes, targetClass("f", n))
		row := []string{plain(c.target)}
		for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
			cell := absent
			if v, ok := c.histogram.Printable(q); ok {
				cell = amount(v.Seconds(), "seconds")
			}
			row = append(row, cell)
		}
		f.Table.Rows = append(f.Table.Rows, append(row, grouped(float64(c.histogram.Count()))))
	}
	d.legend(14, classes, names)
	f.SVG = d.svg(f.ID, f.Title, "Share of requests answered within a time, per target; the table below has the main percentiles.")
	return f
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
