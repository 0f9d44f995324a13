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

// The widths of charts in the user units of their viewBoxes, which the page scales:
// one for screens and paper, and one for phones, on which the text of the other could not
// be read.
const (
	wideChart   = 860
	narrowChart = 360
)

// Drawing is an SVG under construction. Its colours come from the page's style sheet by
// class, so one drawing serves light, dark and print. All text is escaped.
type Drawing struct {
	b      strings.Builder
	Height float64
	// Width is that of the drawing, and Narrow says that it is for a phone.
	Width  float64
	Narrow bool
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

// Open begins a group of a class, until Close.
func (d *Drawing) Open(class string) { fmt.Fprintf(&d.b, `<g class="%s">`, class) }
func (d *Drawing) Close()            { d.b.WriteString("</g>") }

// Inner begins a drawing within the drawing, with user units of its own that fill the
// rectangle, until EndInner. What is drawn in it can be zoomed in along its width, which
// stands for a length of time.
func (d *Drawing) Inner(x, y, w, h, units, length float64) {
	fmt.Fprintf(&d.b, `<svg class="zoom" x="%s" y="%s" width="%s" height="%s" viewBox="0 0 %s %s" preserveAspectRatio="none" data-length="%s">`,
		px(x), px(y), px(w), px(h), px(units), px(h), px(length))
}
func (d *Drawing) EndInner() { d.b.WriteString("</svg>") }

// Key is an entry of a legend: a name with the class of its sign.
type Key struct {
	Name  string
	Paint Paint
	// As is "line", "mark", "hollow" (a mark that is not filled) or "box".
	As string
}

// Legend writes names with their signs from the top of the drawing on, in as many rows as
// they need, and returns the height that they take.
func (d *Drawing) Legend(keys []Key) float64 {
	x, y := 0.0, 14.0
	for _, k := range keys {
		n := words.Short(k.Name, 28)
		width := 22 + TextWidth(n)
		if x > 0 && x+width > d.Width {
			x, y = 0, y+18
		}
		switch k.As {
		case "line":
			d.Line(k.Paint.Stroke()+" thick "+k.Paint.Dash(), x, y-4, x+17, y-4)
		case "mark":
			d.Mark(k.Paint, "", x+7, y-4, 5)
		case "hollow":
			d.Mark(k.Paint, "hollow "+k.Paint.Stroke(), x+7, y-4, 5)
		default:
			d.Rect(k.Paint.Fill(), x+2, y-9, 12, 10)
		}
		d.Text("label", "start", x+22, y, n)
		x += width + 18
	}
	return y + 12
}

// Mark draws the sign of a target: each has a shape beside its colour.
func (d *Drawing) Mark(p Paint, more string, x, y, r float64) {
	class := strings.TrimSpace(p.Fill() + " " + more)
	corners := func(points ...float64) {
		fmt.Fprintf(&d.b, `<path class="%s" d="`, class)
		for i := 0; i < len(points); i += 2 {
			letter := "L"
			if i == 0 {
				letter = "M"
			}
			d.b.WriteString(letter + px(x+r*points[i]) + " " + px(y+r*points[i+1]))
		}
		d.b.WriteString(`z"/>`)
	}
	switch p.place % 5 {
	case 0:
		d.Dot(class, x, y, r)
	case 1:
		corners(-1, -1, 1, -1, 1, 1, -1, 1)
	case 2:
		corners(0, -1.3, 1.2, 0.9, -1.2, 0.9)
	case 3:
		corners(0, -1.35, 1.35, 0, 0, 1.35, -1.35, 0)
	default:
		corners(0, 1.3, 1.2, -0.9, -1.2, -0.9)
	}
}

// TextWidth estimates the width of text in the charts' 13-unit type.
func TextWidth(s string) float64 { return 7.1 * float64(len([]rune(s))) }

// SVG closes the drawing and returns it; title and summary are for screen readers.
func (d *Drawing) SVG(id, title, summary string) template.HTML {
	return template.HTML(fmt.Sprintf(
		`<svg viewBox="0 0 %d %s" role="img" aria-labelledby="%s-title %s-desc"><title id="%s-title">%s</title><desc id="%s-desc">%s</desc>%s</svg>`,
		int(d.Width), px(d.Height), id, id, id, html.EscapeString(words.Plain(title)), id, html.EscapeString(words.Plain(summary)), d.b.String()))
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
		if x-half > last+6 && x+half <= d.Width+1 && x-half >= -1 {
			d.Text("tick", "middle", x, bottom+17, label)
			last = x + half
		}
	}
	d.Line("axis", min(a.From, a.To), bottom, max(a.From, a.To), bottom)
	if d.Narrow {
		d.caption(caption, bottom+34)
		return
	}
	d.Text("caption", "middle", (a.From+a.To)/2, bottom+36, caption)
}

// Foot is the room that Grid takes below the bottom of a chart.
func (d *Drawing) Foot() float64 {
	if d.Narrow {
		return 62
	}
	return 46
}

// caption writes a caption in lines that fit the drawing.
func (d *Drawing) caption(text string, y float64) {
	line := ""
	for _, word := range Glued(text) {
		if line != "" && 0.92*TextWidth(line+" "+word) > d.Width {
			d.Text("caption", "middle", d.Width/2, y, line)
			line, y = "", y+15
		}
		line = strings.TrimSpace(line + " " + word)
	}
	d.Text("caption", "middle", d.Width/2, y, line)
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
