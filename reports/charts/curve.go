package charts

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// SweepFigures returns the charts of latency against throughput, one per target that was
// swept.
func SweepFigures(a *figures.Analysis) []*page.Figure {
	var out []*page.Figure
	for i := range a.Curve {
		c := &a.Curve[i]
		title := "Latency against throughput"
		if len(a.Curve) > 1 {
			title += ": " + words.Plain(c.Target)
		}
		if len(c.Sweep) > 0 {
			out = append(out, sweepFigure(c, a, i, title))
		}
	}
	return out
}

// CurveFigures returns the charts of what the run means for an app.
func CurveFigures(a *figures.Analysis) []*page.Figure {
	var out []*page.Figure
	for i := range a.Curve {
		c := &a.Curve[i]
		for _, f := range ancmbench.Factors {
			if points := c.Of(f); len(points) > 0 {
				out = append(out, pointsFigure(c, a, i, f.LevelUnit() != "", "What "+words.Plain(c.Target)+" adds: "+sentences.FactorTitles[f], points))
			}
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
	label := func(p figures.PointStatement) string {
		said := sentences.LevelOf(p)
		if !levels && p.Front == "" {
			said = words.Short(said, 30)
		}
		return said
	}
	paint := paintOf(a, c.Target)
	f.Draw("Ratios with 95 % intervals; the table below has the same figures.", func(d *page.Drawing) {
		l := d.Lanes(len(points), 12, 28, 250, 200) // the rows are named by level and rate
		x := page.Axis{Lo: lo, Hi: hi, From: l.Left, To: l.Right, Log: true}
		d.Grid(x, l.Top, l.Bottom, "times", "times the baseline (log scale)")
		for i, p := range points {
			y := l.Middle(i)
			l.Name(i, label(p)+" at "+words.Grouped(p.Rate)+"/s", sentences.EffectRatio(p.P50))
			l.Value(i, 0, sentences.EffectRatio(p.P50))
			if p.P50 == nil {
				continue
			}
			if iv := p.P50.Ratio.Interval; iv != nil {
				d.Line(paint.Stroke()+" thick", x.At(max(iv.Low, lo)), y, x.At(min(iv.High, hi)), y)
			}
			d.Mark(paint, "", x.At(p.P50.Ratio.Value), y, 5)
		}
		l.Upright("one", x.At(1))
		d.Height = l.Bottom + d.Foot()
	})
	for _, p := range points {
		base := words.Absent
		if p.P50 != nil {
			base = words.Amount(p.P50.Base, "seconds")
		}
		f.Table.Rows = append(f.Table.Rows, []string{label(p), words.Rate(p.Rate), base, sentences.EffectDifference(p.P50, "seconds"), sentences.EffectRatio(p.P50),
			sentences.EffectDifference(p.P99, "seconds"), sentences.EffectDifference(p.CPU, "seconds")})
		if p.FirstByte != nil {
			f.Table.Rows = append(f.Table.Rows, []string{"its first byte", words.Rate(p.Rate), words.Amount(p.FirstByte.Base, "seconds"),
				sentences.EffectDifference(p.FirstByte, "seconds"), sentences.EffectRatio(p.FirstByte), words.Absent, words.Absent})
		}
	}
	return f
}

// sweepFigure draws p99 over the rate for both targets, both axes in logs.
func sweepFigure(c *figures.Curve, a *figures.Analysis, number int, title string) *page.Figure {
	f := &page.Figure{ID: fmt.Sprintf("curve%d-sweep", number), Title: title,
		Note: fmt.Sprintf("Response p99 at each rate, mean over fresh starts, over %s. The knee is the rate from which requests begin to queue: there the median is %g times its least.", words.Count(sentences.SweepConnections(c), "connection", "connections"), figures.KneeTimes),
		Table: page.Grid{Head: []string{"rate", words.Plain(c.Baseline) + " p50", words.Plain(c.Baseline) + " p99", "answered",
			words.Plain(c.Target) + " p50", words.Plain(c.Target) + " p99", "answered"}}}
	var rates, tails []float64
	for _, s := range c.Sweep {
		rates = append(rates, s.Rate)
		for _, v := range s.P99 {
			if v > 0 { // else unknown
				tails = append(tails, v)
			}
		}
	}
	xlo, xhi := page.Extent(rates, 0.03, true)
	ylo, yhi := page.Extent(append(tails, c.SLO), 0.05, true)
	f.Draw("Response p99 of both targets at each rate; the table below has the same figures.", func(d *page.Drawing) {
		top := d.Legend(keys(a, []string{c.Baseline, c.Target}, "line")) + 8
		bottom := top + 270
		x, y := page.Axis{Lo: xlo, Hi: xhi, From: 66, To: d.Width - 20, Log: true}, page.Axis{Lo: ylo, Hi: yhi, From: bottom, To: top, Log: true}
		d.Grid(x, top, bottom, "per second", "requests/s asked (log scale)")
		for _, t := range y.Ticks() {
			d.Line("grid", x.From, y.At(t), x.To, y.At(t))
			d.Text("tick", "end", x.From-8, y.At(t)+4, words.Tidy(t, "seconds"))
		}
		d.Line("one", x.From, y.At(c.SLO), x.To, y.At(c.SLO))
		d.Text("tick", "start", x.From+6, y.At(c.SLO)-5, "SLO "+words.Tidy(c.SLO, "seconds"))
		for i, name := range []string{c.Baseline, c.Target} {
			drawSwept(d, c, i, paintOf(a, name), x, y)
		}
		d.Height = bottom + d.Foot()
	})
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
	return f
}

// drawSwept draws p99 over the rate of one target, and a line up from its knee.
func drawSwept(d *page.Drawing, c *figures.Curve, i int, paint page.Paint, x, y page.Axis) {
	var path []page.Point
	for _, s := range c.Sweep {
		if s.P99[i] > 0 {
			path = append(path, page.Point{X: x.At(s.Rate), Y: y.At(s.P99[i])})
		}
	}
	d.Path(paint.Stroke()+" curve "+paint.Dash(), path)
	for _, p := range path {
		d.Mark(paint, "", p.X, p.Y, 4)
	}
	if i < len(c.Limits) && c.Limits[i].Knee != nil {
		at := x.At(c.Limits[i].Knee.Value)
		d.Line(paint.Stroke()+" knee", at, y.From, at, y.To)
		d.Text("tick", "end", at-4, y.To+12+15*float64(i), "knee")
	}
}
