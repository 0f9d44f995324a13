package charts

import (
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

func memoryPlot(run *ancmbench.Run, a *figures.Analysis) (*plot.Plot, error) {
	of, what := func(c figures.RoleCost) *float64 { return c.LoadedPSS }, "PSS: shared pages split"
	stacks := stacksOf(a, of)
	if stacks == nil || someRSSOnly(a) {
		of, what = func(c figures.RoleCost) *float64 { return c.LoadedRSS }, "RSS: shared pages counted in each process"
		stacks = stacksOf(a, of)
	}
	if stacks == nil {
		return nil, nil
	}
	return stackPlot(NewPlot(run, "Memory under load, by role", "memory ("+what+"; right is worse)"), roles(a), stacks, "bytes")
}

// cpuPlot returns the CPU per request by role; what was used in the kernel is pale.
func cpuPlot(run *ancmbench.Run, a *figures.Analysis) (*plot.Plot, error) {
	stacks := stacksOf(a, func(c figures.RoleCost) *float64 { return c.CPU })
	if stacks == nil {
		return nil, nil
	}
	splitSystem(a, stacks)
	return stackPlot(NewPlot(run, "CPU per request, by role", "CPU per request (pale: in the kernel; right is worse)"), roles(a), stacks, "seconds")
}

// stackPlot fills a plot with a bar per target, made of its roles.
func stackPlot(p *plot.Plot, roles []ancmbench.Role, stacks []stack, unit string) (*plot.Plot, error) {
	var names []string
	most := 0.0
	for _, s := range stacks {
		names, most = append(names, s.target), math.Max(most, s.sum)
	}
	heights := rows(p, names)
	if err := addStacks(p, roles, stacks, heights); err != nil {
		return nil, err
	}
	for i, s := range stacks {
		if err := label(p, s.sum+most*0.012, heights[i], words.Amount(s.sum, unit), text.XLeft); err != nil {
			return nil, err
		}
	}
	p.X.Min, p.X.Max = 0, most*1.14
	p.X.Tick.Marker = tickMarks(page.Axis{Lo: 0, Hi: p.X.Max}, unit)
	p.Y.Max += 0.35
	p.Legend.Top = true
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(6), -vg.Points(4)
	return p, nil
}

func addStacks(p *plot.Plot, roles []ancmbench.Role, stacks []stack, heights []float64) error {
	named := make([]bool, len(roles))
	for i, s := range stacks {
		at := 0.0
		for j, v := range s.parts {
			if v <= 0 {
				continue
			}
			paint := page.RolePaint(roles[j], j).RGB()
			system := 0.0
			if s.system != nil {
				system = s.system[j]
			}
			box, err := addBar(p, at, at+v-system, heights[i], paint)
			if err == nil && system > 0 {
				_, err = addBar(p, at+v-system, at+v, heights[i], pale(paint))
			}
			if err != nil {
				return err
			}
			if !named[j] {
				named[j] = true
				p.Legend.Add(words.Short(figures.RoleName(roles[j]), 20), box)
			}
			at += v
		}
	}
	return nil
}

// addBar adds a bar around a height, and returns it.
func addBar(p *plot.Plot, from, to, y float64, c color.RGBA) (*plotter.Polygon, error) {
	const half = 0.27
	box, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: y - half}, {X: to, Y: y - half}, {X: to, Y: y + half}, {X: from, Y: y + half}})
	if err != nil {
		return nil, err
	}
	box.Color, box.LineStyle.Width = c, 0
	p.Add(box)
	return box, nil
}

// penaltyPlot returns the headline ratios with their intervals, turned so that right is
// worse.
func penaltyPlot(run *ancmbench.Run, a *figures.Analysis) (*plot.Plot, error) {
	statements := forestRows(a)
	if len(statements) == 0 || len(statements) > mostPenalties {
		return nil, nil
	}
	p := NewPlot(run, "The penalty, metric by metric", "times the baseline, log scale (right is worse); bars are 95 % intervals")
	var names []string
	values := []float64{1}
	for _, s := range statements {
		name := figures.Title(s)
		if len(a.Targets) > 1 {
			name += ", " + s.Target
		}
		e := s.Penalty()
		names, values = append(names, name), append(values, e.Value, max(e.Low(), e.Value/20), min(e.High(), e.Value*20))
	}
	heights := rows(p, names)
	lo, hi := page.Extent(values, 0.08, true)
	right := hi * math.Pow(hi/lo, 0.03)
	for i, s := range statements {
		e, paint := s.Penalty(), paintOf(a, s.Target).RGB()
		bar, err := plotter.NewLine(plotter.XYs{{X: max(e.Low(), lo), Y: heights[i]}, {X: min(e.High(), hi), Y: heights[i]}})
		if err != nil {
			return nil, err
		}
		dot, err := plotter.NewScatter(plotter.XYs{{X: e.Value, Y: heights[i]}})
		if err != nil {
			return nil, err
		}
		bar.Color, bar.Width = paint, vg.Points(2)
		dot.GlyphStyle = draw.GlyphStyle{Color: paint, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
		p.Add(bar, dot)
		if err := label(p, right, heights[i], stats.Ratio(s.Ratio), text.XLeft); err != nil {
			return nil, err
		}
	}
	one, err := plotter.NewLine(plotter.XYs{{X: 1, Y: 0.4}, {X: 1, Y: float64(len(names)) + 0.6}})
	if err != nil {
		return nil, err
	}
	one.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	p.Add(one)
	p.X.Min, p.X.Max = lo, right
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = tickMarks(page.Axis{Lo: lo, Hi: hi, Log: true}, "times")
	return p, nil
}

// mostPenalties limits the rows of a picture that can still be read.
const mostPenalties = 24
