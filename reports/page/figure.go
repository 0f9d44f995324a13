package page

import (
	"html/template"
	"strings"
)

// Figure is a chart, and the same figures as a table for those who cannot see
// it or want to copy them.
type Figure struct {
	ID, Title, Note string
	// SVG is for screens and paper, Narrow for phones. Where there is too little to draw
	// both are empty, and Note says why.
	SVG, Narrow template.HTML
	Table       Grid
	// Zooms says that the chart can be zoomed in along its width.
	Zooms bool
}

// Draw makes both drawings; summary is for screen readers.
func (f *Figure) Draw(summary string, draw func(*Drawing)) {
	wide, narrow := &Drawing{Width: wideChart}, &Drawing{Width: narrowChart, Narrow: true}
	draw(wide)
	draw(narrow)
	f.SVG = wide.SVG(f.ID, f.Title, summary)
	f.Narrow = narrow.SVG(f.ID+"-narrow", f.Title, summary)
}

// Grid is a table of text; the first column names the row.
type Grid struct {
	Head []string
	Rows [][]string
	// Class is how the page sets it: "words" aligns the last column as text,
	// "prose" all columns, "wide" keeps lines whole and scrolls.
	Class string
	// After are sentences below the table.
	After []string
}

// Slug returns an id for HTML made from any text.
func Slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, s), "-")
}
