package charts

import (
	"cmp"
	"slices"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// leastReadings is how many readings make a course over time.
const leastReadings = 3

// MemoryOverTime returns the chart of memory by role during the memory phase. It returns
// nil if the run has no such phase, and a figure without a drawing where the phase is too
// short.
func MemoryOverTime(a *figures.Analysis) *page.Figure {
	const id, title = "memory-over-time", "Memory by role over time"
	most := 0
	for _, c := range a.Courses {
		most = max(most, len(c.At))
	}
	switch {
	case len(a.Courses) == 0 && !slices.ContainsFunc(a.Costs, func(c figures.RoleCost) bool { return c.LoadedPSS != nil || c.LoadedRSS != nil }):
		return nil
	case most < leastReadings:
		return tooFew(id, title, "Not drawn: the memory phase of this run is too short, or its results file too old. Memory is read five times in a short phase and once a second in a long one, and a course needs three readings. The phase's key duration in a profile makes it longer.")
	}
	var bytes, times []float64
	f := &page.Figure{ID: id, Title: title, Note: "Means over fresh starts, during the memory phase alone: reading memory would disturb the others. " + figures.RoleLegend(a.Costs),
		Table: page.Grid{Head: []string{"target", "role", "first", "last", "most", "readings"}}}
	for _, c := range a.Courses {
		bytes, times = append(bytes, c.Bytes...), append(times, c.At...)
		f.Table.Rows = append(f.Table.Rows, []string{words.Plain(c.Target), figures.RoleName(c.Role), words.Amount(c.Bytes[0], "bytes"),
			words.Amount(c.Bytes[len(c.Bytes)-1], "bytes"), words.Amount(slices.Max(c.Bytes), "bytes"), words.Grouped(float64(len(c.At)))})
	}
	f.Draw("Memory of each role over the memory phase; the table below has its ends.", func(d *page.Drawing) {
		var shown []string
		for _, c := range a.Courses {
			if !slices.Contains(shown, c.Target) {
				shown = append(shown, c.Target)
			}
		}
		top := d.Legend(keys(a, shown, "line")) + 8
		bottom := top + 220
		x := page.Axis{Lo: 0, Hi: slices.Max(times), From: 70, To: d.Width - 130}
		if d.Narrow {
			x.To = d.Width - 125
		}
		y := page.Axis{Lo: 0, Hi: slices.Max(bytes) * 1.06, From: bottom, To: top}
		d.Grid(x, top, bottom, "seconds", "time since the load began")
		for _, v := range y.Ticks() {
			d.Line("grid", x.From, y.At(v), x.To, y.At(v))
			d.Text("tick", "end", x.From-8, y.At(v)+4, words.Tidy(v, "bytes"))
		}
		var ends []courseEnd
		for _, c := range a.Courses {
			var path []page.Point
			for i := range c.At {
				path = append(path, page.Point{X: x.At(c.At[i]), Y: y.At(c.Bytes[i])})
			}
			paint := paintOf(a, c.Target)
			d.Path(paint.Stroke()+" curve "+paint.Dash(), path)
			last := path[len(path)-1]
			ends = append(ends, courseEnd{words.Short(figures.RoleName(c.Role), 18), last.Y + 4})
		}
		labelCourses(d, x.To+5, ends)
		d.Height = bottom + d.Foot()
	})
	return f
}

// courseEnd is where a line ends, and the name of its role.
type courseEnd struct {
	role string
	y    float64
}

// labelCourses names the lines beside the chart, from the top down. Lines of the same role that
// end near one another share a name, since the legend says whose each is.
func labelCourses(d *page.Drawing, x float64, ends []courseEnd) {
	const height = 14.0
	slices.SortStableFunc(ends, func(a, b courseEnd) int { return cmp.Compare(a.y, b.y) })
	var named []courseEnd // with the places of their ends
	free := 0.0
	for _, e := range ends {
		if slices.ContainsFunc(named, func(n courseEnd) bool { return n.role == e.role && e.y-n.y < height }) {
			continue
		}
		named = append(named, e)
		y := max(e.y, free)
		d.Text("tick", "start", x, y, e.role)
		free = y + height
	}
}
