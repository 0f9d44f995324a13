package reports

import (
	"fmt"

	"ancmbench"
)

// curveFigures are the charts of what the run means for an app.
func curveFigures(a *Analysis) []*figure {
	var out []*figure
	for i := range a.Curve {
		c := &a.Curve[i]
		suffix := ""
		if len(a.Curve) > 1 {
			suffix = ": " + plain(c.Target)
		}
		for _, f := range ancmbench.Factors {
			if points := c.of(f); len(points) > 0 {
				out = append(out, c.pointsFigure(a, i, f.LevelUnit() != "", "What "+plain(c.Target)+" adds: "+factorTitles[f], points))
			}
		}
		if len(c.Sweep) > 0 {
			out = append(out, c.sweepFigure(a, i, "Latency against throughput"+suffix))
		}
	}
	return out
}

// pointsFigure shows the p50 ratio of every level with its interval, a row each.
func (c *Curve) pointsFigure(a *Analysis, number int, levels bool, title string, points []PointStatement) *figure {
	f := &figure{ID: fmt.Sprintf("curve%d-%s", number, slug(string(points[0].Factor))), Title: title,
		Note: "Times the baseline's median response, with 95 % intervals over fresh starts; right is worse. A bar that crosses the line at 1 tells no difference. The rate, which moves the penalty, is named in each row.",
		Table: grid{Class: "words", Head: []string{"level", "rate", plain(c.Baseline) + " p50", "p50 difference", "p50 ratio", "p99 difference",
			"CPU per request"}}}
	if points[0].Factor == ancmbench.FactorFront {
		f.Note += " All on the net/http front and by one load engine; service times. " + c.tlsSentence()
	}
	if points[0].Factor == ancmbench.FactorWait {
		f.Note += " A wait is as long as the runtime's timer makes it: the baseline's median says how long it was."
	}
	for _, fade := range c.Fades {
		if fade.Factor == points[0].Factor {
			f.Note += " " + fade.sentence(c.Target)
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
	lo, hi := extent(values, 0.08, true)
	top, step := 12.0, 28.0
	bottom := top + step*float64(len(points))
	const left = 250 // the rows are named by level and rate
	x := axis{lo, hi, left, chartWidth - 200, true}
	d := &drawing{}
	d.grid(x, top, bottom, "times", "times the baseline (log scale)")
	d.line("one", x.at(1), top-4, x.at(1), bottom)
	n := a.index(c.Target)
	for i, p := range points {
		y := top + step*(float64(i)+0.5)
		label := p.level()
		if !levels && p.Front == "" {
			label = short(label, 30)
		}
		d.text("label", "end", left-64, y+4, label)
		d.text("tick", "end", left-12, y+4, grouped(p.Rate)+"/s")
		base := absent
		if p.P50 != nil {
			base = amount(p.P50.Base, "seconds")
			if iv := p.P50.Ratio.Interval; iv != nil {
				d.line(targetClass("s", n)+" thick", x.at(max(iv.Low, lo)), y, x.at(min(iv.High, hi)), y)
			}
			d.dot(targetClass("f", n), x.at(p.P50.Ratio.Value), y, 5)
			d.text("label", "start", chartWidth-188, y+4, p.P50.ratio())
		}
		f.Table.Rows = append(f.Table.Rows, []string{label, rate(p.Rate), base, p.P50.difference("seconds"), p.P50.ratio(),
			p.P99.difference("seconds"), p.CPU.difference("seconds")})
		if p.FirstByte != nil {
			f.Table.Rows = append(f.Table.Rows, []string{"its first byte", rate(p.Rate), amount(p.FirstByte.Base, "seconds"),
				p.FirstByte.difference("seconds"), p.FirstByte.ratio(), absent, absent})
		}
	}
	d.height = bottom + 46
	f.SVG = d.svg(f.ID, f.Title, "Ratios with 95 % intervals; the table below has the same figures.")
	return f
}

// sweepFigure draws p99 over the rate for both targets, both axes in logs.
func (c *Curve) sweepFigure(a *Analysis, number int, title string) *figure {
	f := &figure{ID: fmt.Sprintf("curve%d-sweep", number), Title: title,
		Note: fmt.Sprintf("Response p99 at each rate, mean over fresh starts, over %s.", count(c.connections(), "connection", "connections")),
		Table: grid{Head: []string{"rate", plain(c.Baseline) + " p50", plain(c.Baseline) + " p99", "answered",
			plain(c.Target) + " p50", plain(c.Target) + " p99", "answered"}}}
	for _, l := range c.Limits {
		f.Note += " " + l.sentence()
	}
	f.Note += " " + c.sloSentence()
	var rates, tails []float64
	for _, s := range c.Sweep {
		rates = append(rates, s.Rate)
		for _, v := range s.P99 {
			if v > 0 { // else unknown
				tails = append(tails, v)
			}
		}
	}
	d := &drawing{}
	top, bottom := 30.0, 300.0
	xlo, xhi := extent(rates, 0.03, true)
	ylo, yhi := extent(append(tails, c.SLO), 0.05, true)
	x, y := axis{xlo, xhi, 90, chartWidth - 20, true}, axis{ylo, yhi, bottom, top, true}
	d.legend(14, targetClasses("f", []string{c.Baseline, c.Target}, a), []string{c.Baseline, c.Target})
	d.grid(x, top, bottom, "per second", "requests/s asked (log scale)")
	for _, t := range y.ticks() {
		d.line("grid", x.from, y.at(t), x.to, y.at(t))
		d.text("tick", "end", x.from-8, y.at(t)+4, tidy(t, "seconds"))
	}
	d.line("one", x.from, y.at(c.SLO), x.to, y.at(c.SLO))
	for i, name := range []string{c.Baseline, c.Target} {
		var path []point
		for _, s := range c.Sweep {
			if s.P99[i] > 0 {
				path = append(path, point{x.at(s.Rate), y.at(s.P99[i])})
			}
		}
		d.path(targetClass("s", a.index(name))+" curve", path)
		for _, p := range path {
			d.dot(targetClass("f", a.index(name)), p.x, p.y, 4)
		}
	}
	for _, s := range c.Sweep {
		row := []string{rate(s.Rate)}
		for i := range s.P50 {
			p99 := "-"
			if s.P99[i] > 0 {
				p99 = amount(s.P99[i], "seconds")
			}
			row = append(row, amount(s.P50[i], "seconds"), p99, rate(s.Done[i]))
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	d.height = bottom + 46
	f.SVG = d.svg(f.ID, f.Title, "Response p99 of both targets at each rate; the table below has the same figures.")
	return f
}
