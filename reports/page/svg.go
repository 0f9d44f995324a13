package page

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"

	"ancmbench/reports/words"
)

// ChartWidth is the width of every chart in the user units of its viewBox; the
// page scales it.
const ChartWidth = 860

// Drawing is an SVG under construction. Its colours come from the page's style sheet by
// class, so one drawing serves light, dark and print. All text is escaped.
type Drawing struct {
	b      strings.Builder
	Height float64
}

// Line, Rect, Dot and Path draw in user units; class names how.
func (d *Drawing) Line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&d.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, px(x1), px(y1), px(x2), px(y2))
}

func (d *Drawing) Rect(class string, x, y, w, h float64) {
	fmt.Fprintf(&d.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, px(x), px(y), px(w), px(h))
}

func (d *Drawing) Dot(class string, x, y, r float64) {
	fmt.Fprintf(&d.b, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, px(x), px(y), px(r))
}

// Text writes text anchored at "start", "middle" or "end".
func (d *Drawing) Text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&d.b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, px(x), px(y), html.EscapeString(words.Plain(s)))
}

func (d *Drawing) Path(class string, points []Point) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(&d.b, `<path class="%s" d="`, class)
	for i, p := range points {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		d.b.WriteString(letter + px(p.X) + " " + px(p.Y))
	}
	d.b.WriteString(`"/>`)
}

// Point is a place in a drawing, in user units.
type Point struct{ X, Y float64 }

// px writes a coordinate with a tenth of a unit, so that the bytes are the same everywhere.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// Legend writes names with their colours in one row at the top.
func (d *Drawing) Legend(y float64, classes, names []string) {
	x := 0.0
	for i, n := range names {
		n = words.Short(n, 28)
		d.Rect(classes[i], x, y-9, 12, 10)
		d.Text("label", "start", x+17, y, n)
		x += 17 + TextWidth(n) + 22
	}
}

// TextWidth estimates the width of text in the charts' 13-unit type.
func TextWidth(s string) float64 { return 7.1 * float64(len([]rune(s))) }

// SVG closes the drawing and returns it; title and summary are for screen readers.
func (d *Drawing) SVG(id, title, summary string) template.HTML {
	return template.HTML(fmt.Sprintf(
		`<svg viewBox="0 0 %d %s" role="img" aria-labelledby="%s-title %s-desc"><title id="%s-title">%s</title><desc id="%s-desc">%s</desc>%s</svg>`,
		ChartWidth, px(d.Height), id, id, id, html.EscapeString(words.Plain(title)), id, html.EscapeString(words.Plain(summary)), d.b.String()))
}

// Axis maps values to coordinates.
type Axis struct {
	Lo, Hi   float64 // values
	From, To float64 // coordinates; from > to draws reversed
	Log      bool
}

// At returns the coordinate of a value.
func (a Axis) At(v float64) float64 {
	lo, hi := a.Lo, a.Hi
	if a.Log {
		lo, hi, v = math.Log(lo), math.Log(hi), math.Log(v)
	}
	if hi == lo {
		return (a.From + a.To) / 2
	}
	return a.From + (v-lo)/(hi-lo)*(a.To-a.From)
}

// Ticks returns round values within the axis: 1, 2, 5 steps.
func (a Axis) Ticks() []float64 {
	if a.Log {
		return logTicks(a.Lo, a.Hi)
	}
	return linearTicks(a.Lo, a.Hi, 6)
}

func linearTicks(lo, hi float64, atMost int) []float64 {
	if !(hi > lo) {
		return []float64{lo}
	}
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/float64(atMost))))
	for _, m := range []float64{1, 2, 5, 10} {
		if (hi-lo)/(step*m) <= float64(atMost) {
			step *= m
			break
		}
	}
	var out []float64
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi*(1+1e-9); i++ {
		out = append(out, i*step)
	}
	return out
}

// logTicks returns 1, 2, 5 steps over few decades and whole decades over many; a
// narrow range, which would hold few of those, gets linear ones.
func logTicks(lo, hi float64) []float64 {
	if hi/lo < 6 {
		return linearTicks(lo, hi, 7)
	}
	steps := []float64{1, 2, 5}
	if math.Log10(hi/lo) > 3.5 {
		steps = []float64{1}
	}
	var out []float64
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range steps {
			if v := m * math.Pow(10, e); v >= lo*(1-1e-9) && v <= hi*(1+1e-9) {
				out = append(out, v)
			}
		}
	}
	return out
}

// Grid draws an axis along the bottom with a line up from each tick.
func (d *Drawing) Grid(a Axis, top, bottom float64, unit, caption string) {
	last := math.Inf(-1)
	ticks := a.Ticks()
	if a.From > a.To { // left to right, whichever way the values run
		for i, j := 0, len(ticks)-1; i < j; i, j = i+1, j-1 {
			ticks[i], ticks[j] = ticks[j], ticks[i]
		}
	}
	for _, t := range ticks {
		x, label := a.At(t), words.Tidy(t, unit)
		d.Line("grid", x, top, x, bottom)
		half := TextWidth(label) / 2
		if x-half > last+6 && x+half <= ChartWidth+1 {
			d.Text("tick", "middle", x, bottom+17, label)
			last = x + half
		}
	}
	d.Line("axis", min(a.From, a.To), bottom, max(a.From, a.To), bottom)
	d.Text("caption", "middle", (a.From+a.To)/2, bottom+36, caption)
}

// Extent returns the range of values, widened by a share of itself.
func Extent(values []float64, widen float64, log bool) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) || log && v <= 0 {
			continue
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	switch {
	case lo > hi:
		return 1, 2
	case log:
		f := math.Pow(max(hi/lo, 1.05), widen)
		return lo / f, hi * f
	default:
		w := max(hi-lo, math.Abs(hi)*0.05, 1e-12) * widen
		return lo - w, hi + w
	}
}
