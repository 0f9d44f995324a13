package charts

import (
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// PNGNames are the files that PNGs writes, where there is something to draw.
var PNGNames = []string{"latency.png", "throughput.png", "cpu.png", "memory.png", "penalty.png", "breakdown.png"}

// PNGs writes the pictures of a run into dir: those in PNGNames. It leaves out a picture
// without figures, and removes an old one of that name. The same run gives the same bytes.
func PNGs(dir string, run *ancmbench.Run, a *figures.Analysis) error {
	for i, draw := range []func(*ancmbench.Run, *figures.Analysis) (*plot.Plot, error){latencyPlot, throughputPlot, cpuPlot, memoryPlot, penaltyPlot, breakdownPlot} {
		name := PNGNames[i]
		path := filepath.Join(dir, name)
		p, err := draw(run, a)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if p == nil {
			if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		if err := savePNG(path, p); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// savePNG writes 1600 x 900 pixels: 800 x 450 for a screen with two pixels to the point.
func savePNG(path string, p *plot.Plot) error {
	const dpi = 200
	c := vgimg.NewWith(vgimg.UseWH(8*vg.Inch, 4.5*vg.Inch), vgimg.UseDPI(dpi))
	p.Draw(draw.Crop(draw.New(c), vg.Points(10), -vg.Points(22), vg.Points(10), -vg.Points(10)))
	return ancmbench.WriteWhole(path, func(w io.Writer) error {
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	})
}

// What stands for no thing: lines of the grid, and captions.
var (
	gridColor = rgb(0xe0e5ea)
	softColor = rgb(0x55606b)
)

func rgb(v uint32) color.RGBA {
	return color.RGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// NewPlot returns an empty plot in our type, with its title and the run's subject.
func NewPlot(run *ancmbench.Run, title, xLabel string) *plot.Plot {
	p := plot.New()
	for _, f := range []*font.Font{&p.Title.TextStyle.Font, &p.X.Label.TextStyle.Font, &p.Y.Label.TextStyle.Font,
		&p.X.Tick.Label.Font, &p.Y.Tick.Label.Font, &p.Legend.TextStyle.Font} {
		f.Variant = "Sans"
		f.Size = vg.Points(11)
	}
	p.Title.Text = title + "\n" + figures.About(run)
	p.Title.TextStyle.Font.Size = vg.Points(13)
	p.Title.TextStyle.XAlign = text.XCenter
	p.Title.Padding = vg.Points(8)
	p.X.Label.Text = xLabel
	p.X.Label.Padding = vg.Points(4)
	p.X.Tick.Label.Color, p.Y.Tick.Label.Color = softColor, color.Black
	p.X.LineStyle.Color, p.Y.LineStyle.Color = softColor, softColor
	p.Legend.Padding = vg.Points(3)
	p.Legend.ThumbnailWidth = vg.Points(18)
	g := plotter.NewGrid()
	g.Horizontal.Color, g.Vertical.Color = gridColor, gridColor
	p.Add(g)
	return p
}

func latencyPlot(run *ancmbench.Run, a *figures.Analysis) (*plot.Plot, error) {
	if len(a.Pooled) == 0 {
		return nil, nil
	}
	first := a.Pooled[0]
	title := "How long a request takes"
	if s, ok := a.SeriesOf(a.Median(), a.Baseline); ok {
		for _, st := range a.Statements {
			if st.Metric == s.Metric && st.Rate > 0 {
				title += " at " + words.Rate(st.Rate)
				break
			}
		}
	}
	p := NewPlot(run, title, a.Latency+" time, log scale (right is worse)")
	p.Y.Label.Text = "share of requests answered"
	var values, heights []float64
	for _, c := range a.Pooled {
		if c.Phase != first.Phase || c.Workload != first.Workload || !isShown(a, c.Target) {
			continue
		}
		qs, xs := curvePoints(c.Latency)
		if len(qs) < 2 {
			continue
		}
		points := make(plotter.XYs, len(qs))
		for i := range qs {
			points[i] = plotter.XY{X: xs[i], Y: tail(qs[i])}
		}
		l, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		paint := paintOf(a, c.Target)
		l.Color, l.Width = paint.RGB(), vg.Points(2)
		for _, length := range paint.Dashes() {
			l.Dashes = append(l.Dashes, vg.Points(length))
		}
		p.Add(l)
		p.Legend.Add(words.Short(c.Target, 30), l)
		values, heights = append(values, xs...), append(heights, tail(qs[len(qs)-1]))
	}
	if len(values) == 0 {
		return nil, nil
	}
	p.X.Min, p.X.Max = page.Extent(values, 0.03, true)
	_, top := page.Extent(heights, 0.02, false)
	p.Y.Min, p.Y.Max = 0, top
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = tickMarks(page.Axis{Lo: p.X.Min, Hi: p.X.Max, Log: true}, "seconds")
	var ticks []plot.Tick
	for _, t := range tailTicks {
		if h := tail(t.q); h <= top {
			ticks = append(ticks, plot.Tick{Value: h, Label: t.name})
		}
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(10), -vg.Points(6)
	return p, nil
}

// tickMarks returns the ticks of the page's charts.
func tickMarks(a page.Axis, unit string) plot.ConstantTicks {
	var ticks []plot.Tick
	for _, v := range a.Ticks() {
		ticks = append(ticks, plot.Tick{Value: v, Label: words.Tidy(v, unit)})
	}
	return ticks
}

// rows names the rows of a plot from top to bottom and returns their heights.
func rows(p *plot.Plot, names []string) []float64 {
	heights := make([]float64, len(names))
	var ticks []plot.Tick
	for i, n := range names {
		heights[i] = float64(len(names) - i)
		ticks = append(ticks, plot.Tick{Value: heights[i], Label: words.Short(n, 24)})
	}
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	p.Y.Tick.Length = 0
	p.Y.Min, p.Y.Max = 0.4, float64(len(names))+0.6
	return heights
}

func throughputPlot(run *ancmbench.Run, a *figures.Analysis) (*plot.Plot, error) {
	var series []figures.Series
	var names []string
	var values []float64
	for _, t := range a.EveryTarget() {
		s, ok := a.SeriesOf(ancmbench.PeakThroughput, t)
		if !ok {
			continue
		}
		series, names = append(series, s), append(names, t)
		for _, v := range s.Values {
			values = append(values, v.Value)
		}
	}
	if len(series) == 0 {
		return nil, nil
	}
	p := NewPlot(run, "Peak throughput, closed loop; one dot per fresh start", "requests/s, running backwards (right is worse)")
	heights := rows(p, names)
	for i, s := range series {
		points := make(plotter.XYs, len(s.Values))
		for j, v := range s.Values {
			points[j] = plotter.XY{X: v.Value, Y: heights[i] + 0.08*float64(j%3-1)}
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return nil, err
		}
		c := paintOf(a, s.Target).RGB()
		dots.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(4), Shape: draw.CircleGlyph{}}
		bar, err := plotter.NewLine(plotter.XYs{{X: s.Center.Value, Y: heights[i] - 0.25}, {X: s.Center.Value, Y: heights[i] + 0.25}})
		if err != nil {
			return nil, err
		}
		bar.Color, bar.Width = c, vg.Points(3)
		p.Add(dots, bar)
		if err := label(p, s.Center.Value, heights[i]+0.3, words.Amount(s.Center.Value, s.Unit), text.XCenter); err != nil {
			return nil, err
		}
	}
	lo, hi := page.Extent(values, 0.12, false)
	p.X.Min, p.X.Max = max(lo, 0), hi
	p.X.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.X.Tick.Marker = tickMarks(page.Axis{Lo: p.X.Min, Hi: p.X.Max}, "per second")
	return p, nil
}

func label(p *plot.Plot, x, y float64, s string, align text.XAlignment) error {
	l, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: x, Y: y}}, Labels: []string{s}})
	if err != nil {
		return err
	}
	l.TextStyle[0].Font.Variant = "Sans"
	l.TextStyle[0].Font.Size = vg.Points(11)
	l.TextStyle[0].XAlign = align
	l.TextStyle[0].YAlign = text.YCenter
	if align == text.XCenter {
		l.TextStyle[0].YAlign = text.YBottom
	}
	p.Add(l)
	return nil
}
