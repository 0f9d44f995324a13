package charts

import (
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Forest shows every headline ratio with its interval, turned so that right is
// worse.
func Forest(a *figures.Analysis) *page.Figure {
	var rows []figures.Statement
	var values []float64
	add := func(s figures.Statement, ok bool) {
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
	for _, name := range a.HeadlineMetrics() {
		for _, t := range a.Targets {
			add(a.Statement(name, t))
		}
		if name != ancmbench.PeakThroughput {
			continue
		}
		for _, t := range a.Targets {
			if c := sentences.SweepOf(a, t); c != nil {
				add(sentences.SLOStatement(c), true)
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	lo, hi := page.Extent(append(values, 1), 0.08, true)
	d := &page.Drawing{}
	top, step := 30.0, 30.0
	bottom := top + step*float64(len(rows))
	x := page.Axis{Lo: lo, Hi: hi, From: page.LabelWidth, To: page.ChartWidth - 200, Log: true}
	d.Legend(14, fills(a, a.Targets), a.Targets)
	d.Grid(x, top, bottom, "times", "times the baseline, turned so that right is worse (log scale)")
	d.Line("one", x.At(1), top-4, x.At(1), bottom)
	f := &page.Figure{ID: "penalty", Title: "The penalty, metric by metric",
		Note:  "Dots are means over fresh starts, bars 95 % intervals. A bar that crosses the line at 1 means that no difference was detected; one that ends in ‹ or › goes on beyond the chart.",
		Table: page.Grid{Head: []string{"metric", "target", "ratio", "reading"}, Class: "words"}}
	for i, s := range rows {
		y := top + step*(float64(i)+0.5)
		c := paintOf(a, s.Target)
		if i == 0 || rows[i-1].Metric != s.Metric {
			d.Text("label", "end", page.LabelWidth-16, y+4, figures.Title(s))
		}
		p := s.Penalty()
		if p.Interval != nil {
			d.Line(c.Stroke()+" thick", x.At(max(p.Interval.Low, lo)), y, x.At(min(p.Interval.High, hi)), y)
			if p.Interval.Low < lo {
				d.Text("label", "end", x.From-2, y+4, "‹")
			}
			if p.Interval.High > hi {
				d.Text("label", "start", x.To+2, y+4, "›")
			}
		}
		d.Dot(c.Fill(), x.At(p.Value), y, 5)
		d.Text("label", "start", page.ChartWidth-188, y+4, stats.Ratio(s.Ratio))
		f.Table.Rows = append(f.Table.Rows, []string{figures.Title(s), words.Plain(s.Target), stats.Ratio(s.Ratio), figures.Judgement(s)})
	}
	d.Height = bottom + 46
	f.SVG = d.SVG(f.ID, f.Title, "Ratios of "+words.List(a.Targets)+" against "+a.Baseline+", with 95 % intervals; the table below has the same figures.")
	return f
}

// paintOf returns the colour of a target: that of its model, or that of its position among
// the shown ones.
func paintOf(a *figures.Analysis, target string) page.Paint {
	i := slices.Index(a.EveryTarget(), target)
	if i < 0 {
		i = len(a.Targets) + 1 // a twin
	}
	return page.TargetPaint(a.Models[target], i)
}

// isShown reports whether a target is the baseline or compared with it, and no twin.
func isShown(a *figures.Analysis, target string) bool {
	return slices.Contains(a.EveryTarget(), target)
}

func fills(a *figures.Analysis, targets []string) []string {
	var out []string
	for _, t := range targets {
		out = append(out, paintOf(a, t).Fill())
	}
	return out
}

// Strip returns the chart of one metric with one dot per fresh start, target by target. The
// axis runs backwards where more is better, so that right is worse.
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
	lo, hi := page.Extent(values, 0.08, false)
	lo = max(lo, 0)
	d := &page.Drawing{}
	top, step := 10.0, 44.0
	bottom := top + step*float64(len(rows))
	x, caption := page.Axis{Lo: lo, Hi: hi, From: page.LabelWidth, To: page.ChartWidth - 130, Log: false}, m.Title+"; right is worse"
	if m.Better == ancmbench.Higher {
		x.From, x.To = x.To, x.From
		caption = m.Title + "; the axis runs backwards: right is worse"
	}
	d.Grid(x, top, bottom, m.Unit, caption)
	f := &page.Figure{ID: page.Slug(metric), Title: heading, Note: "One dot per fresh start; the bar is the geometric mean.",
		Table: page.Grid{Head: []string{"target", "mean"}}}
	if m.Kind == ancmbench.ColdStart {
		f.Note += " " + words.Count(a.ColdStarts, "cold start", "cold starts") + " of each target; a dot is the median of its fresh start's."
	}
	for i, s := range rows {
		y, c := top+step*(float64(i)+0.5), paintOf(a, s.Target)
		d.Text("label", "end", page.LabelWidth-12, y+4, words.Short(s.Target, 24))
		d.Line(c.Stroke()+" thick", x.At(s.Center.Value), y-13, x.At(s.Center.Value), y+13)
		row := []string{words.Plain(s.Target), words.Amount(s.Center.Value, s.Unit)}
		for j, v := range s.Values {
			if i == 0 {
				f.Table.Head = append(f.Table.Head, fmt.Sprintf("start %d", v.Launch+1))
			}
			d.Dot(c.Fill()+" faint", x.At(v.Value), y+float64(j%3-1)*5, 4)
			row = append(row, words.Amount(v.Value, s.Unit))
		}
		d.Text("label", "start", page.ChartWidth-118, y+4, words.Amount(s.Center.Value, s.Unit))
		f.Table.Rows = append(f.Table.Rows, row)
	}
	d.Height = bottom + 46
	f.SVG = d.SVG(f.ID, f.Title, m.Title+" of each fresh start, per target; the table below has the same figures.")
	return f
}

// Paired joins each fresh start's values of the targets with a line.
func Paired(a *figures.Analysis, metric string) *page.Figure {
	var ss []figures.Statement
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
	f := &page.Figure{ID: "starts", Title: "Fresh start by fresh start: " + ss[0].Title,
		Note:  "Both ends of a line were measured in turns within the same fresh start. The ratio rests on these pairs.",
		Table: page.Grid{Head: []string{"fresh start", words.Plain(a.Baseline)}}}
	d := &page.Drawing{}
	top, step := 30.0, 24.0
	bottom := top + step*float64(len(launches))
	lo, hi := page.Extent(values, 0.06, true)
	x := page.Axis{Lo: lo, Hi: hi, From: page.LabelWidth, To: page.ChartWidth - 20, Log: true}
	shown := []string{a.Baseline}
	for _, s := range ss {
		shown = append(shown, s.Target)
		f.Table.Head = append(f.Table.Head, words.Plain(s.Target), "ratio")
	}
	d.Legend(14, fills(a, shown), shown)
	d.Grid(x, top, bottom, ss[0].Unit, ss[0].Title+" (log scale); right is worse")
	for i, first := range launches {
		y := top + step*(float64(i)+0.5)
		d.Text("label", "end", page.LabelWidth-12, y+4, fmt.Sprintf("fresh start %d", first.Launch+1))
		row := []string{fmt.Sprint(first.Launch + 1), words.Amount(first.Base, ss[0].Unit)}
		for _, s := range ss {
			p, ok := pairOf(s, first.Launch)
			if !ok {
				row = append(row, words.Absent, words.Absent)
				continue
			}
			d.Line("join", x.At(p.Base), y, x.At(p.Other), y)
			d.Dot(paintOf(a, s.Target).Fill(), x.At(p.Other), y, 5)
			row = append(row, words.Amount(p.Other, s.Unit), words.Times(p.Other/p.Base, 0)+"x")
		}
		d.Dot(paintOf(a, a.Baseline).Fill(), x.At(first.Base), y, 5)
		f.Table.Rows = append(f.Table.Rows, row)
	}
	d.Height = bottom + 46
	f.SVG = d.SVG(f.ID, f.Title, "The values of each fresh start, joined; the table below has the same figures.")
	return f
}

func pairOf(s figures.Statement, launch int) (figures.Pair, bool) {
	for _, p := range s.Pairs {
		if p.Launch == launch {
			return p, true
		}
	}
	return figures.Pair{}, false
}
