package charts

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// fall is one bar of a waterfall: from where it begins to where it ends, with the
// interval of its end.
type fall struct {
	name     string
	from, to float64
	part     *figures.Part   // nil for the first and the last bar, which stand on zero
	model    ancmbench.Model // of those two
}

// falls returns the bars from in-process to out-of-process, from top to bottom.
func falls(d *figures.BrokenDown, b *figures.Breakdown) []fall {
	at := d.In
	out := []fall{{name: b.Penalty[0].Baseline, to: at, model: ancmbench.InProcess}}
	for i := range d.Parts {
		p := &d.Parts[i]
		out = append(out, fall{name: sentences.PartTitle(*p), from: at, to: at + p.Difference.Value, part: p})
		at += p.Difference.Value
	}
	return append(out, fall{name: b.Penalty[0].Target, to: at, model: ancmbench.OutOfProcess})
}

// reach returns the ends of the bars and their intervals.
func reach(falls []fall) float64 {
	most := 0.0
	for _, f := range falls {
		most = max(most, f.from, f.to)
		if f.part != nil && f.part.Difference.Interval != nil {
			most = max(most, f.from+f.part.Difference.Interval.High)
		}
	}
	return most
}

// Waterfall shows the parts as steps from one model to the other.
func Waterfall(d *figures.BrokenDown, b *figures.Breakdown) *page.Figure {
	falls := falls(d, b)
	f := &page.Figure{ID: "breakdown-" + page.Slug(d.Metric), Title: "From in-process to out-of-process: " + d.Title,
		Note:  "Each bar begins where the one above it ends. The thin line is the part's 95 % interval; pale bars cannot be distinguished from zero. A step to the left says that the next rung costs less than the one before it.",
		Table: page.Grid{Head: []string{"", "mean", "difference [95 % interval]", "share of the penalty", "reading"}, Class: "words"}}
	f.Draw("The parts of the penalty as steps, each with its 95 % interval; the table below has the same figures.", func(g *page.Drawing) {
		drawFalls(g, d, b, falls)
	})
	for _, one := range falls {
		row := []string{one.name, words.Amount(one.to, d.Unit), "", "", ""}
		if one.part != nil {
			row = []string{one.part.Title, "", sentences.WithInterval(one.part.Difference, d.Unit), words.Absent, partReading(*one.part)}
			if one.part.Share != nil {
				row[3] = words.Percent(*one.part.Share)
			}
		}
		f.Table.Rows = append(f.Table.Rows, row)
	}
	f.Table.Rows = append(f.Table.Rows, []string{"the penalty", "", sentences.WithInterval(d.Penalty, d.Unit), "", ""})
	return f
}

func drawFalls(g *page.Drawing, d *figures.BrokenDown, b *figures.Breakdown, falls []fall) {
	l := g.Lanes(len(falls), 10, 34, 210, 200)
	x := page.Axis{Lo: 0, Hi: reach(falls) * 1.02, From: l.Left, To: l.Right}
	g.Grid(x, l.Top, l.Bottom, d.Unit, d.Title+" at "+words.Rate(b.Rate)+"; right is worse")
	for i, one := range falls {
		y := l.Middle(i)
		class, said := page.TargetPaint(one.model, 0).Fill(), words.Amount(one.to, d.Unit)
		if one.part != nil {
			class, said = page.PartPaint(one.to < one.from).Fill(), sentences.WithInterval(one.part.Difference, d.Unit)
			if !one.part.Told {
				class += " faint"
			}
		}
		l.Name(i, one.name, said)
		a, z := x.At(min(one.from, one.to)), x.At(max(one.from, one.to))
		g.Rect(class, a, y-11, max(z-a, 1), 22)
		end := z
		if one.part != nil && one.part.Difference.Interval != nil {
			lo, hi := x.At(max(one.from+one.part.Difference.Interval.Low, 0)), x.At(one.from+one.part.Difference.Interval.High)
			g.Line("axis", lo, y, hi, y)
			end = max(end, hi)
		}
		if i+1 < len(falls) {
			g.Line("join", x.At(one.to), y+11, x.At(one.to), l.Middle(i+1)-11)
		}
		l.Value(i, end+8, said)
	}
	g.Height = l.Bottom + g.Foot()
}

// partReading returns a short reading of a part.
func partReading(p figures.Part) string {
	switch {
	case p.Difference.Interval == nil:
		return "one fresh start: no interval"
	case !p.Told:
		return "cannot be distinguished from zero"
	case p.Difference.Value < 0:
		return "a gain"
	default:
		return "costs"
	}
}

// breakdownPlot returns the waterfall of the headline.
func breakdownPlot(run *ancmbench.Run, a *figures.Analysis) (*plot.Plot, error) {
	d := sentences.BreakdownHeadline(a.Breakdown)
	if d == nil {
		return nil, nil
	}
	falls := falls(d, a.Breakdown)
	p := NewPlot(run, fmt.Sprintf("What the penalty is made of, at %s", words.Rate(a.Breakdown.Rate)), d.Title+" (right is worse); lines are 95 % intervals")
	var names []string
	for _, f := range falls {
		names = append(names, f.name)
	}
	heights := rows(p, names)
	most := reach(falls)
	for i, f := range falls {
		const half = 0.3
		said, c, end := words.Amount(f.to, d.Unit), page.TargetPaint(f.model, 0).RGB(), max(f.from, f.to)
		if f.part != nil {
			said, c = sentences.WithInterval(f.part.Difference, d.Unit), page.PartPaint(f.to < f.from).RGB()
			if !f.part.Told {
				c = pale(c)
			}
		}
		y := heights[i]
		box, err := plotter.NewPolygon(plotter.XYs{{X: f.from, Y: y - half}, {X: f.to, Y: y - half}, {X: f.to, Y: y + half}, {X: f.from, Y: y + half}})
		if err != nil {
			return nil, err
		}
		box.Color, box.LineStyle.Width = c, vg.Points(0.5)
		box.LineStyle.Color = c
		p.Add(box)
		if f.part != nil && f.part.Difference.Interval != nil {
			lo, hi := max(f.from+f.part.Difference.Interval.Low, 0), f.from+f.part.Difference.Interval.High
			line, err := plotter.NewLine(plotter.XYs{{X: lo, Y: y}, {X: hi, Y: y}})
			if err != nil {
				return nil, err
			}
			line.Width = vg.Points(1.2)
			p.Add(line)
			end = max(end, hi)
		}
		if err := label(p, end+most*0.012, y, said, text.XLeft); err != nil {
			return nil, err
		}
	}
	p.X.Min, p.X.Max = 0, most*1.32
	p.X.Tick.Marker = tickMarks(page.Axis{Lo: 0, Hi: p.X.Max}, d.Unit)
	return p, nil
}

// pale returns the colour halfway to white.
func pale(c color.RGBA) color.RGBA {
	half := func(v uint8) uint8 { return v/2 + 128 }
	return color.RGBA{R: half(c.R), G: half(c.G), B: half(c.B), A: 255}
}
