package charts

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
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
	p := NewPlot(run, "Memory under load, by role", "memory ("+what+"; right is worse)")
	var names []string
	most := 0.0
	for _, s := range stacks {
		names, most = append(names, s.target), math.Max(most, s.sum)
	}
	heights := rows(p, names)
	if err := addStacks(p, roles(a), stacks, heights); err != nil {
		return nil, err
	}
	for i, s := range stacks {
		if err := label(p, s.sum+most*0.012, heights[i], words.Amount(s.sum, "bytes"), text.XLeft); err != nil {
			return nil, err
		}
	}
	p.X.Min, p.X.Max = 0, most*1.14
	p.X.Tick.Marker = tickMarks(page.Axis{Lo: 0, Hi: p.X.Max}, "bytes")
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
			const half = 0.27
			y := heights[i]
			box, err := plotter.NewPolygon(plotter.XYs{{X: at, Y: y - half}, {X: at + v, Y: y - half}, {X: at + v, Y: y + half}, {X: at, Y: y + half}})
			if err != nil {
				return err
			}
			box.Color, box.LineStyle.Width = page.RolePaint(roles[j], j).RGB(), 0
			p.Add(box)
			if !named[j] {
				named[j] = true
				p.Legend.Add(words.Short(string(roles[j]), 20), box)
			}
			at += v
		}
	}
	return nil
}
