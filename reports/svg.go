package reports

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// chartWidth is the width of every chart in the user units of its viewBox; the
// page scales it.
const chartWidth = 860

// drawing is an SVG in the making. Colours come from the page's style sheet by
// class, so that one drawing serves light, dark and print. All text is escaped.
type drawing struct {
	b      strings.Builder
	height float64
}

func (d *drawing) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&d.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, px(x1), px(y1), px(x2), px(y2))
}

func (d *drawing) rect(class string, x, y, w, h float64) {
	fmt.Fprintf(&d.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, px(x), px(y), px(w), px(h))
}

func (d *drawing) dot(class string, x, y, r float64) {
	fmt.Fprintf(&d.b, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, px(x), px(y), px(r))
}

// text anchors at "start", "middle" or "end".
func (d *drawing) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&d.b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, px(x), px(y), html.EscapeString(plain(s)))
}

func (d *drawing) path(class string, points []point) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(&d.b, `<path class="%s" d="`, class)
	for i, p := range points {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		d.b.WriteString(letter + px(p.x) + " " + px(p.y))
	}
	d.b.WriteString(`"/>`)
}

type point struct{ x, y float64 }

// px writes a coordinate with a tenth of a unit: the same bytes everywhere.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// legend writes names with their colours in one row at the top.
func (d *drawing) legend(y float64, classes, names []string) {
	x := 0.0
	for i, n := range names {
		n = short(n, 28)
		d.rect(classes[i], x, y-9, 12, 10)
		d.text("label", "start", x+17, y, n)
		x += 17 + textWidth(n) + 22
	}
}

// textWidth estimates the width of text in the charts' 13-unit type.
func textWidth(s string) float64 { return 7.1 * float64(len([]rune(s))) }

// svg closes the drawing; title and summary are what a screen reader says.
func (d *drawing) svg(id, title, summary string) template.HTML {
	return template.HTML(fmt.Sprintf(
		`<svg viewBox="0 0 %d %s" role="img" aria-labelledby="%s-title %s-desc"><title id="%s-title">%s</title><desc id="%s-desc">%s</desc>%s</svg>`,
		chartWidth, px(d.height), id, id, id, html.EscapeString(plain(title)), id, html.EscapeString(plain(summary)), d.b.String()))
}

// axis maps values to coordinates.
type axis struct {
	lo, hi   float64 // values
	from, to float64 // coordinates; from > to draws reversed
	log      bool
}

func (a axis) at(v float64) float64 {
	lo, hi := a.lo, a.hi
	if a.log {
		lo, hi, v = math.Log(lo), math.Log(hi), math.Log(v)
	}
	if hi == lo {
		return (a.from + a.to) / 2
	}
	return a.from + (v-lo)/(hi-lo)*(a.to-a.from)
}

// ticks gives round values within the axis: 1, 2, 5 steps.
func (a axis) ticks() []float64 {
	if a.log {
		return logTicks(a.lo, a.hi)
	}
	return linearTicks(a.lo, a.hi, 6)
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

// logTicks gives 1, 2, 5 steps over few decades and whole decades over many; a
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

// tidy writes an axis label without trailing zeros: "200 µs", "1.5 MB".
func tidy(v float64, unit string) string {
	if v == 0 {
		return "0"
	}
	number, name, found := strings.Cut(amount(v, unit), " ")
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if !found {
		return number
	}
	return number + " " + name
}

// grid draws an axis along the bottom with a line up from each tick.
func (d *drawing) grid(a axis, top, bottom float64, unit, caption string) {
	last := math.Inf(-1)
	ticks := a.ticks()
	if a.from > a.to { // left to right, whichever way the values run
		for i, j := 0, len(ticks)-1; i < j; i, j = i+1, j-1 {
			ticks[i], ticks[j] = ticks[j], ticks[i]
		}
	}
	for _, t := range ticks {
		x, label := a.at(t), tidy(t, unit)
		d.line("grid", x, top, x, bottom)
		half := textWidth(label) / 2
		if x-half > last+6 && x+half <= chartWidth+1 {
			d.text("tick", "middle", x, bottom+17, label)
			last = x + half
		}
	}
	d.line("axis", min(a.from, a.to), bottom, max(a.from, a.to), bottom)
	d.text("caption", "middle", (a.from+a.to)/2, bottom+36, caption)
}

// extent is the range of values, widened by a share of itself.
func extent(values []float64, widen float64, log bool) (lo, hi float64) {
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

func targetClass(prefix string, i int) string { return fmt.Sprintf("%s%d", prefix, i%8) }
