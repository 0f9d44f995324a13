package page

import (
	"html/template"
	"strings"
)

// Figure is a chart, and the same figures as a table for those who cannot see
// it or want to copy them.
type Figure struct {
	ID, Title, Note string
	SVG             template.HTML
	Table           Grid
}

// Grid is a table of text; the first column names the row.
type Grid struct {
	Head []string
	Rows [][]string
	// Class is how the page sets it: "words" aligns the last column as text,
	// "prose" all columns, "wide" keeps lines whole and scrolls.
	Class string
}

const LabelWidth = 190 // room for the names of rows, left of a chart

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
