package charts

import (
	"fmt"
	"math"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// tail maps a quantile to its height on a scale that gives each further nine the same space.
func tail(q float64) float64 { return -math.Log10(1 - q) }

var tailTicks = []struct {
	q    float64
	name string
}{{0, "0 %"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}, {0.9999, "99.99 %"}}

// curvePoints returns the quantiles of a histogram up to the last that has enough
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

// Percentiles draws the distribution of one latency phase, all fresh starts
// pooled.
func Percentiles(a *figures.Analysis, phase, workload string, number int) *page.Figure {
	type drawn struct {
		figures.Pooled
		qs, xs []float64
	}
	var curves []drawn
	var values, heights []float64
	for _, c := range a.Pooled {
		if c.Phase != phase || c.Workload != workload || !isShown(a, c.Target) {
			continue
		}
		qs, xs := curvePoints(c.Latency)
		if len(qs) < 2 {
			continue
		}
		curves = append(curves, drawn{c, qs, xs})
		values = append(values, xs...)
		heights = append(heights, tail(qs[len(qs)-1]))
	}
	f := &page.Figure{ID: fmt.Sprintf("latency-%d", number), Title: fmt.Sprintf("How long a request takes: %s time", a.Latency),
		Note:  "All fresh starts together, for the picture only. Each curve ends where fewer than 10 samples are left.",
		Table: page.Grid{Head: []string{"target", "p50", "p90", "p99", "p99.9", "samples"}}}
	if len(curves) == 0 {
		return nil
	}
	if a.Launches == 1 {
		f.Note = "Each curve ends where fewer than 10 samples are left."
	}
	for _, c := range curves {
		row := []string{words.Plain(c.Target)}
		for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
			cell := words.Absent
			if v, ok := c.Latency.Printable(q); ok {
				cell = words.Amount(v.Seconds(), "seconds")
			}
			row = append(row, cell)
		}
		f.Table.Rows = append(f.Table.Rows, append(row, words.Grouped(float64(c.Latency.Count()))))
	}
	lo, hi := page.Extent(values, 0.03, true)
	_, most := page.Extent(heights, 0.02, false)
	f.Draw("Share of requests answered within a time, per target; the table below has the main percentiles.", func(d *page.Drawing) {
		var names []string
		for _, c := range curves {
			names = append(names, c.Target)
		}
		top := d.Legend(keys(a, names, "line")) + 8
		bottom := top + 286
		x, y := page.Axis{Lo: lo, Hi: hi, From: 62, To: d.Width - 16, Log: true}, page.Axis{Lo: 0, Hi: most, From: bottom, To: top}
		d.Grid(x, top, bottom, "seconds", a.Latency+" time (log scale); right is worse")
		for _, t := range tailTicks {
			if h := tail(t.q); h <= most {
				d.Line("grid", x.From, y.At(h), x.To, y.At(h))
				d.Text("tick", "end", x.From-8, y.At(h)+4, t.name)
			}
		}
		for _, c := range curves {
			points := make([]page.Point, len(c.qs))
			for i := range c.qs {
				points[i] = page.Point{X: x.At(c.xs[i]), Y: y.At(tail(c.qs[i]))}
			}
			paint := paintOf(a, c.Target)
			d.Path(paint.Stroke()+" curve "+paint.Dash(), points)
		}
		d.Height = bottom + d.Foot()
	})
	return f
}
