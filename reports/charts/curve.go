package charts

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// CurveFigures returns the charts of what the run means for an app.
func CurveFigures(a *figures.Analysis) []*page.Figure {
	var out []*page.Figure
	for i := range a.Curve {
		c := &a.Curve[i]
		suffix := ""
		if len(a.Curve) > 1 {
			suffix = ": " + words.Plain(c.Target)
		}
		for _, f := range ancmbench.Factors {
			if points := c.Of(f); len(points) > 0 {
				out = append(out, pointsFigure(c, a, i, f.LevelUnit() != "", "What "+words.Plain(c.Target)+" adds: "+sentences.FactorTitles[f], points))
			}
		}
		if len(c.Sweep) > 0 {
			out = append(out, sweepFigure(c, a, i, "Latency against throughput"+suffix))
		}
	}
	return out
}

// pointsFigure shows the p50 ratio of every level with its interval, a row each.
func pointsFigure(c *figures.Curve, a *figures.Analysis, number int, levels bool, title string, points []figures.PointStatement) *page.Figure {
	f := &page.Figure{ID: fmt.Sprintf("curve%d-%s", number, page.Slug(string(points[0].Factor))), Title: title,
		Note: "Times the baseline's median response, with 95 % intervals over fresh starts; right is worse. A bar that crosses the line at 1 means that no difference was detected. Each row names its rate, because the penalty depends on it.",
		Table: page.Grid{Class: "words", Head: []string{"level", "rate", words.Plain(c.Baseline) + " p50", "p50 difference", "p50 ratio", "p99 difference",
			"CPU per request"}}}
	if points[0].Factor == ancmbench.FactorFront {
		f.Note += " All on the net/http front and by one load engine; service times. " + sentences.TLSSentence(c)
	}
	if points[0].Factor == ancmbench.FactorWait {
		f.Note += " A wait is as long as the runtime's timer makes it; the baseline's median shows how long it was."
	}
	for _, fade := range c.Fades {
		if fade.Factor == points[0].Factor {
			f.Note += " " + sentences.FadeSentence(fade, c.Target)
		}
	}
	values := []float64{1}
	for _, p := range points {
		if p.P50 != nil {
			values = append(values, p.P50.Ratio.Value)
			if i := p.P50.Ratio.Interval; i != nil {
				values = append(values, max(i.Low, p.P50.Ratio.Value/4), min(i.High, p.P50.Ratio.Value*4))
			}
		}
	}
	lo, hi := page.Extent(values, 0.08, true)
	top, step := 12.0, 28.0
	bottom := top + step*float64(len(points))
	const left = 250 // the rows are named by level and rate
	x := page.Axis{Lo: lo, Hi: hi, From: left, To: page.ChartWidth - 200, Log: true}
	d := &page.Drawing{}
	d.Grid(x, top, bottom, "times", "times the baseline (log scale)")
	d.Line("one", x.At(1), top-4, x.At(1), bottom)
	paint := paintOf(a, c.Target)
	for i, p := range points {
		y := top + step*(float64(i)+0.5)
		label := sentences.LevelOf(p)
		if !levels && p.Front == "" {
			label = words.Short(label, 30)
		}
		d.Text("label", "end", left-64, y+4, label)
		d.Text("tick", "end", left-12, y+4, words.Grouped(p.Rate)+"/s")
		base := words.Absent
		if p.P50 != nil {
			base = words.Amount(p.P50.Base, "seconds")
			if iv := p.P50.Ratio.Interval; iv != nil {
				d.Line(paint.Stroke()+" thick", x.At(max(iv.Low, lo)), y, x.At(min(iv.High, hi)), y)
			}
			d.Dot(paint.Fill(), x.At(p.P50.Ratio.Value), y, 5)
			d.Text("label", "start", page.ChartWidth-188, y+4, sentences.EffectRatio(p.P50))
		}
		f.Table.Rows = append(f.Table.Rows, []string{label, words.Rate(p.Rate), base, sentences.EffectDifference(p.P50, "seconds"), sentences.EffectRatio(p.P50),
			sentences.EffectDifference(p.P99, "seconds"), sentences.EffectDifference(p.CPU, "seconds")})
		if p.FirstByte != nil {
			f.Table.Rows = append(f.Table.Rows, []string{"its first byte", words.Rate(p.Rate), words.Amount(p.FirstByte.Base, "seconds"),
				sentences.EffectDifference(p.FirstByte, "seconds"), sentences.EffectRatio(p.FirstByte), words.Absent, words.Absent})
		}
	}
	d.Height = bottom + 46
	f.SVG = d.SVG(f.ID, f.Title, "Ratios with 95 % intervals; the table below has the same figures.")
	return f
}

// sweepFigure draws p99 over the rate for both targets, both axes in logs.
func sweepFigure(c *figures.Curve, a *figures.Analysis, number int, title string) *page.Figure {
	f := &page.Figure{ID: fmt.Sprintf("curve%d-sweep", number), Title: title,
		Note: fmt.Sprintf("Response p99 at each rate, mean over fresh starts, over %s.", words.Count(sentences.SweepConnections(c), "connection", "connections")),
		Table: page.Grid{Head: []string{"rate", words.Plain(c.Baseline) + " p50", words.Plain(c.Baseline) + " p99", "answered",
			words.Plain(c.Target) + " p50", words.Plain(c.Target) + " p99", "answered"}}}
	for _, l := range c.Limits {
		f.Note += " " + sentences.LimitSentence(l)
	}
	f.Note += " " + sentences.SLOSentence(c)
	var rates, tails []float64
	for _, s := range c.Sweep {
		rates = append(rates, s.Rate)
		for _, v := range s.P99 {
			if v > 0 { // else unknown
				tails = append(tails, v)
			}
		}
	}
	d := &page.Drawing{}
	top, bottom := 30.0, 300.0
	xlo, xhi := page.Extent(rates, 0.03, true)
	ylo, yhi := page.Extent(append(tails, c.SLO), 0.05, true)
	x, y := page.Axis{Lo: xlo, Hi: xhi, From: 90, To: page.ChartWidth - 20, Log: true}, page.Axis{Lo: ylo, Hi: yhi, From: bottom, To: top, Log: true}
	d.Legend(14, fills(a, []string{c.Baseline, c.Target}), []string{c.Baseline, c.Target})
	d.Grid(x, top, bottom, "per second", "requests/s asked (log scale)")
	for _, t := range y.Ticks() {
		d.Line("grid", x.From, y.At(t), x.To, y.At(t))
		d.Text("tick", "end", x.From-8, y.At(t)+4, words.Tidy(t, "seconds"))
	}
	d.Line("one", x.From, y.At(c.SLO), x.To, y.At(c.SLO))
	for i, name := range []string{c.Baseline, c.Target} {
		var path []page.Point
		for _, s := range c.Sweep {
			if s.P99[i] > 0 {
				path = append(path, page.Point{X: x.At(s.Rate), Y: y.At(s.P99[i])})
			}
		}
		d.Path(paintOf(a, name).Stroke()+" curve", path)
		for _, p := range path {
			d.Dot(paintOf(a, name).Fill(), p.X, p.Y, 4)
		}
	}
	for _, s := range c.Sweep {
		row := []string{words.Rate(s.Rate)}
		for i := range s.P50 {
			p99 := "-"
			if s.P99[i] > 0 {
				p99 = words.Amount(s.P99[i], "seconds")
			}
			row = append(row, words.Amount(s.P50[i], "seconds"), p99, words.Rate(s.Done[i]))
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	d.Height = bottom + 46
	f.SVG = d.SVG(f.ID, f.Title, "Response p99 of both targets at each rate; the table below has the same figures.")
	return f
}
