package page

import "ancmbench/reports/words"

// Lanes are the rows of a chart: each has a name, a band to draw in, and a value in words.
// On a wide drawing the name stands left of the band and the value right of it. On a
// narrow one both stand in a line above it.
type Lanes struct {
	d *Drawing
	// Top and Bottom are the ends of all rows, Left and Right those of their bands.
	Top, Bottom, Left, Right float64
	band, step               float64
}

// headLine is the height of the line above a band.
const headLine = 18

// Lanes returns rows below top with bands of a height, with room for names and values.
func (d *Drawing) Lanes(rows int, top, band, names, values float64) Lanes {
	l := Lanes{d: d, Top: top, Left: names, Right: d.Width - values, band: band, step: band}
	if d.Narrow {
		l.Left, l.Right, l.step = 8, d.Width-12, band+headLine
	}
	l.Bottom = top + l.step*float64(rows)
	return l
}

// Middle returns the middle of the band of row i.
func (l Lanes) Middle(i int) float64 {
	y := l.Top + l.step*float64(i)
	if l.d.Narrow {
		y += headLine
	}
	return y + l.band/2
}

// Name writes the name of row i, beside what is written of its value.
func (l Lanes) Name(i int, name, value string) {
	if !l.d.Narrow {
		l.d.Text("label", "end", l.Left-12, l.Middle(i)+4, words.Short(name, int((l.Left-12)/7.1)))
		return
	}
	room := l.d.Width - TextWidth(value) - 10
	l.d.Text("label", "start", 0, l.Middle(i)-l.band/2-5, words.Short(name, max(int(room/7.1), 8)))
}

// Value writes the value of row i: on a wide drawing from x on, or in a column of its own
// if x is zero.
func (l Lanes) Value(i int, x float64, value string) {
	if l.d.Narrow {
		l.d.Text("label", "end", l.d.Width, l.Middle(i)-l.band/2-5, value)
		return
	}
	if x == 0 {
		x = l.Right + 12
	}
	l.d.Text("label", "start", x, l.Middle(i)+4, value)
}

// Upright draws a line over all rows, which on a narrow drawing leaves out the names.
func (l Lanes) Upright(class string, x float64) {
	if !l.d.Narrow {
		l.d.Line(class, x, l.Top-4, x, l.Bottom)
		return
	}
	for y := l.Top; y+l.step <= l.Bottom+1; y += l.step {
		l.d.Line(class, x, y+headLine, x, y+l.step)
	}
}
