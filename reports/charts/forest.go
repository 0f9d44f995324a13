package charts

import (
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Margins are the gate's: how much worse a metric may become, as a share; nil without a
// gate.
type Margins map[string]float64

// Forest shows every headline ratio with its interval, turned so that right is worse. What
// is too small to be detected is shaded, and a gate's margin is marked.
func Forest(a *figures.Analysis, margins Margins) *page.Figure {
	rows := forestRows(a)
	if len(rows) == 0 {
		return nil
	}
	values := []float64{1}
	for _, s := range rows {
		p := s.Penalty()
		values = append(values, p.Value)
		if p.Interval != nil { // a very wide one must not squeeze the others
			values = append(values, max(p.Interval.Low, p.Value/20), min(p.Interval.High, p.Value*20))
		}
		if m := margins[s.Metric]; m > 0 {
			values = append(values, 1+m)
		}
	}
	f := &page.Figure{ID: "penalty", Title: "The penalty, metric by metric",
		Note:  "Marks are means over fresh starts, bars 95 % intervals. A bar that crosses the line at 1 means that no difference was detected; one that ends in ‹ or › goes on beyond the chart.",
		Table: page.Grid{Head: []string{"metric", "target", "ratio", "reading"}, Class: "words"}}
	if slices.ContainsFunc(rows, func(s figures.Statement) bool { return s.Smallest != nil && s.Smallest.Share > 0 }) {
		f.Note += " The shaded band is the smallest detectable effect: a difference within it would have been missed by a run of this size."
	}
	if len(margins) > 0 {
		f.Note += " The dashed mark is the gate's margin."
	}
	lo, hi := page.Extent(values, 0.08, true)
	f.Draw("Ratios of "+words.List(a.Targets)+" against "+a.Baseline+", with 95 % intervals; the table below has the same figures.",
		func(d *page.Drawing) { drawForest(d, a, rows, margins, lo, hi) })
	for _, s := range rows {
		f.Table.Rows = append(f.Table.Rows, []string{figures.Title(s), words.Plain(s.Target), stats.Ratio(s.Ratio), figures.Judgement(s)})
	}
	return f
}

// forestRows returns the statements that have a ratio, metric by metric.
func forestRows(a *figures.Analysis) []figures.Statement {
	var rows []figures.Statement
	add := func(s figures.Statement, ok bool) {
		if ok && s.Penalty() != nil {
			rows = append(rows, s)
		}
	}
	for _, name := range a.HeadlineMetrics() {
		for _, t := range a.Targets {
			add(a.Statement(name, t))
		}
		if name != ancmbench.PeakThroughput {
			continue
		}
		for _, t := range a.Targets {
			if c := sentences.SweepOf(a, t); c != nil {
				add(sentences.SLOStatement(c), true)
			}
		}
	}
	return rows
}

func drawForest(d *page.Drawing, a *figures.Analysis, rows []figures.Statement, margins Margins, lo, hi float64) {
	top := 8.0
	if len(a.Targets) > 1 {
		top = d.Legend(keys(a, a.Targets, "mark"))
	}
	l := d.Lanes(len(rows), top, 30, 190, 200)
	x := page.Axis{Lo: lo, Hi: hi, From: l.Left, To: l.Right, Log: true}
	d.Grid(x, top, l.Bottom, "times", "times the baseline, turned so that right is worse (log scale)")
	for i, s := range rows {
		y, paint, p := l.Middle(i), paintOf(a, s.Target), s.Penalty()
		if s.Smallest != nil && s.Smallest.Share > 0 {
			from, to := x.At(max(1/(1+s.Smallest.Share), lo)), x.At(min(1+s.Smallest.Share, hi))
			d.Rect("band", from, y-12, to-from, 24)
		}
		if m := margins[s.Metric]; m > 0 {
			d.Line("margin", x.At(1+m), y-12, x.At(1+m), y+12)
		}
		if d.Narrow || i == 0 || rows[i-1].Metric != s.Metric {
			name := figures.Title(s)
			if d.Narrow && len(a.Targets) > 1 {
				name += ", " + s.Target
			}
			l.Name(i, name, stats.Ratio(s.Ratio))
		}
		if p.Interval != nil {
			d.Line(paint.Stroke()+" thick", x.At(max(p.Interval.Low, lo)), y, x.At(min(p.Interval.High, hi)), y)
			if p.Interval.Low < lo {
				d.Text("label", "end", x.From-2, y+4, "‹")
			}
			if p.Interval.High > hi {
				d.Text("label", "start", x.To+2, y+4, "›")
			}
		}
		d.Mark(paint, "", x.At(p.Value), y, 5)
		l.Value(i, 0, stats.Ratio(s.Ratio))
	}
	l.Upright("one", x.At(1))
	d.Height = l.Bottom + d.Foot()
}

// paintOf returns the colour of a target: that of its model, or that of its position among
// the shown ones.
func paintOf(a *figures.Analysis, target string) page.Paint {
	every := a.EveryTarget()
	i := slices.Index(every, target)
	if i < 0 { // a twin
		every, i = append(every, target), len(every)
	}
	models := make([]ancmbench.Model, len(every))
	for k, name := range every {
		models[k] = a.Models[name]
	}
	return page.TargetPaints(models)[i]
}

// isShown reports whether a target is the baseline or compared with it, and no twin.
func isShown(a *figures.Analysis, target string) bool {
	return slices.Contains(a.EveryTarget(), target)
}

// keys are the entries of a legend of targets.
func keys(a *figures.Analysis, targets []string, as string) []page.Key {
	var out []page.Key
	for _, t := range targets {
		out = append(out, page.Key{Name: t, Paint: paintOf(a, t), As: as})
	}
	return out
}

// tooFew returns a figure that says why it has no drawing.
func tooFew(id, title, why string) *page.Figure {
	return &page.Figure{ID: id, Title: title, Note: why}
}
