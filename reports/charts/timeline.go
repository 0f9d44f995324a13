package charts

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

const (
	// mostLines limits the targets that are drawn over time, and mostPoints the seconds of
	// each: more are drawn several to a point.
	mostLines  = 4
	mostPoints = 600
	// stealShown is the share from which on steal is marked.
	stealShown = 0.005
)

// OverTime returns the chart of the headline's latency phase second by second, with the
// borders of fresh starts, garbage collection pauses and steal. It returns nil if the run
// has no such phase, and a figure without a drawing if its seconds have no quantiles.
func OverTime(a *figures.Analysis) *page.Figure {
	const id, title = "over-time", "Latency over time"
	t := a.Timeline
	switch {
	case t == nil:
		return nil
	case len(t.Starts) == 0 || !t.Quantiles:
		return tooFew(id, title, "Not drawn: the seconds of this run have no medians. Either fewer than 20 requests ended in each, or the results file is of an older version.")
	}
	f := &page.Figure{ID: id, Title: title, Zooms: true, Note: timelineNote(a, t),
		Table: page.Grid{Head: []string{"fresh start", "target", "median of the seconds", "fastest second", "slowest second", "highest p99", "longest response", "GC pauses", "most steal"}}}
	points := newTimePoints(t)
	f.Draw("Response time of each second, fresh start after fresh start; the table below has its extremes.", func(d *page.Drawing) {
		drawTimeline(d, a, t, points)
	})
	f.Table.Rows = timelineRows(t)
	return f
}

// mostTimelineRows is up to how many rows the table has one for each fresh start.
const mostTimelineRows = 100

// timelineRows returns a row for each target in each fresh start, or one for all fresh starts
// together where that would be more than anyone reads.
func timelineRows(t *figures.Timeline) [][]string {
	starts, name := t.Starts, func(s figures.TimelineStart) string { return fmt.Sprint(s.Launch + 1) }
	if len(starts)*len(t.Targets) > mostTimelineRows {
		all := figures.TimelineStart{Rows: make([][]ancmbench.SecondRow, len(t.Targets))}
		for _, s := range starts {
			for i, rows := range s.Rows {
				all.Rows[i] = append(all.Rows[i], rows...)
			}
		}
		starts, name = []figures.TimelineStart{all}, func(figures.TimelineStart) string { return fmt.Sprintf("all %d", len(t.Starts)) }
	}
	var out [][]string
	for _, s := range starts {
		for i, target := range t.Targets {
			if row := timelineRow(s, i); row != nil {
				out = append(out, append([]string{name(s), words.Plain(target)}, row...))
			}
		}
	}
	return out
}

func timelineNote(a *figures.Analysis, t *figures.Timeline) string {
	note := "Thick lines are the medians of each second, thin ones p99."
	switch {
	case !t.Tails:
		note = "Thick lines are the medians of each second, thin ones its longest response: p99 needs 1,000 requests, and these seconds have fewer."
	case t.TailOf > 1:
		note += fmt.Sprintf(" A p99 needs 1,000 requests, so each point is that of up to %d seconds, those before it included.", t.TailOf)
	}
	note += " Upright lines are the borders of fresh starts."
	if t.Pauses {
		note += " Ticks at the bottom are garbage collection pauses of the targets, the longer the taller."
	} else {
		note += " Garbage collection pauses are not known: the targets are not Go programs of ours, or the file is of an older version."
	}
	if t.Steal {
		note += " Where the hypervisor took over 0.5 % of the processor time, the ground is shaded."
	} else {
		note += " Steal is not known."
	}
	if len(t.Targets) > mostLines {
		note += fmt.Sprintf(" The first %d of %d targets are drawn.", mostLines, len(t.Targets))
	}
	return note
}

// timelineRow returns what the table says of one target in one fresh start, and nil if it
// was not measured in it.
func timelineRow(s figures.TimelineStart, target int) []string {
	var medians []float64
	var longest, pauses, tail ancmbench.Seconds
	var steal float64
	knowsPauses, knowsSteal := false, false
	for _, r := range s.Rows[target] {
		if r.P50 != nil {
			medians = append(medians, r.P50.Float())
		}
		longest = max(longest, r.Max)
		if r.P99 != nil {
			tail = max(tail, *r.P99)
		}
		if r.GCPauses != nil {
			pauses, knowsPauses = pauses+*r.GCPauses, true
		}
		if r.Steal != nil {
			steal, knowsSteal = max(steal, *r.Steal), true
		}
	}
	if len(s.Rows[target]) == 0 {
		return nil
	}
	out := []string{words.Absent, words.Absent, words.Absent, words.Absent, words.Amount(longest.Float(), "seconds"), words.Absent, words.Absent}
	if tail > 0 {
		out[3] = words.Amount(tail.Float(), "seconds")
	}
	if len(medians) > 0 {
		least, most, sum := medians[0], medians[0], 0.0
		for _, m := range medians {
			least, most, sum = min(least, m), max(most, m), sum+m
		}
		out[0], out[1], out[2] = words.Amount(sum/float64(len(medians)), "seconds"), words.Amount(least, "seconds"), words.Amount(most, "seconds")
	}
	if knowsPauses {
		out[5] = words.Amount(pauses.Float(), "seconds")
	}
	if knowsSteal {
		out[6] = words.Percent(steal)
	}
	return out
}

// timePoint is one or more seconds of one target on the line.
type timePoint struct {
	at            float64 // the middle, in seconds
	p50, high     float64 // 0 is unknown
	pauses, steal float64
	width         float64
}

// timePoints are the points of each drawn target, by fresh start.
type timePoints struct {
	lines  [][][]timePoint
	lo, hi float64
	pause  float64 // the longest
	step   int
}

func newTimePoints(t *figures.Timeline) timePoints {
	out := timePoints{step: 1 + (t.Seconds()-1)/mostPoints}
	var values []float64
	for i := range t.Targets[:min(len(t.Targets), mostLines)] {
		var line [][]timePoint
		for _, s := range t.Starts {
			var part []timePoint
			for k := 0; k < len(s.Rows[i]); k += out.step {
				p := pointOfTime(s.Rows[i][k:min(k+out.step, len(s.Rows[i]))], t.Tails)
				p.at = float64(s.From+k) + p.width/2
				part = append(part, p)
				values, out.pause = append(values, p.p50, p.high), max(out.pause, p.pauses)
			}
			line = append(line, part)
		}
		out.lines = append(out.lines, line)
	}
	out.lo, out.hi = page.Extent(values, 0.05, true)
	return out
}

// pointOfTime takes the mean of medians, and the largest of all else.
func pointOfTime(rows []ancmbench.SecondRow, tails bool) timePoint {
	p := timePoint{width: float64(len(rows))}
	n := 0.0
	for _, r := range rows {
		if r.P50 != nil {
			p.p50, n = p.p50+r.P50.Float(), n+1
		}
		switch {
		case tails && r.P99 != nil:
			p.high = max(p.high, r.P99.Float())
		case !tails:
			p.high = max(p.high, r.Max.Float())
		}
		if r.GCPauses != nil {
			p.pauses = max(p.pauses, r.GCPauses.Float())
		}
		if r.Steal != nil {
			p.steal = max(p.steal, *r.Steal)
		}
	}
	if n > 0 {
		p.p50 /= n
	}
	return p
}

func drawTimeline(d *page.Drawing, a *figures.Analysis, t *figures.Timeline, points timePoints) {
	top := d.Legend(keys(a, t.Targets[:len(points.lines)], "line")) + 8
	left, right := 62.0, d.Width-12
	lower := 26.0 // the lane of pauses
	height := 230 + lower
	length := float64(t.Seconds())
	y := page.Axis{Lo: points.lo, Hi: points.hi, From: height - lower, To: 0, Log: true}
	for _, v := range y.Ticks() {
		d.Line("grid", left, top+y.At(v), right, top+y.At(v))
		d.Text("tick", "end", left-8, top+y.At(v)+4, words.Tidy(v, "seconds"))
	}
	d.Text("tick", "end", left-8, top+height-4, "GC")
	units := 1000.0
	x := page.Axis{Lo: 0, Hi: length, From: 0, To: units}
	d.Inner(left, top, right-left, height, units, length)
	for _, line := range points.lines[:min(1, len(points.lines))] { // steal is of the machine
		for _, part := range line {
			for _, p := range part {
				if p.steal >= stealShown {
					d.Rect("steal", x.At(p.at-p.width/2), 0, x.At(p.width), height)
				}
			}
		}
	}
	for _, s := range t.Starts[1:] {
		d.Line("border", x.At(float64(s.From)), 0, x.At(float64(s.From)), height)
	}
	for i, line := range points.lines {
		paint := paintOf(a, t.Targets[i])
		for _, part := range line {
			var middle, high []page.Point
			for _, p := range part {
				if p.p50 > 0 {
					middle = append(middle, page.Point{X: x.At(p.at), Y: y.At(p.p50)})
				}
				if p.high > 0 {
					high = append(high, page.Point{X: x.At(p.at), Y: y.At(p.high)})
				}
				if p.pauses > 0 && points.pause > 0 {
					at := x.At(p.at) + (float64(i)-float64(len(points.lines)-1)/2)*0.12*x.At(p.width)
					d.Line(paint.Stroke()+" pause", at, height, at, height-4-(lower-8)*p.pauses/points.pause)
				}
			}
			d.Path(paint.Stroke()+" seconds high "+paint.Dash(), short(high))
			d.Path(paint.Stroke()+" seconds "+paint.Dash(), short(middle))
		}
	}
	d.EndInner()
	bottom := top + height
	d.Open("ticks")
	d.Grid(page.Axis{Lo: 0, Hi: length, From: left, To: right}, bottom, bottom, "seconds of the line", "seconds of this phase, all fresh starts in a row; "+a.Latency+" time, log scale")
	d.Close()
	d.Height = bottom + d.Foot()
}

// short gives a lone point a length, so that it can be seen.
func short(points []page.Point) []page.Point {
	if len(points) == 1 {
		p := points[0]
		return []page.Point{{X: p.X - 2, Y: p.Y}, {X: p.X + 2, Y: p.Y}}
	}
	return points
}
