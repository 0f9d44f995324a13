package page

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// Cells returns a row of a table from its words.
func Cells(words []string) table.Row {
	var row table.Row
	for _, w := range words {
		row = append(row, w)
	}
	return row
}

// Narrowed writes "/s" for "req/s" where columns are few.
func Narrowed(row table.Row, width int) table.Row {
	if width >= 90 {
		return row
	}
	for i := range row {
		if s, ok := row[i].(string); ok {
			row[i] = strings.Replace(s, " req/s", "/s", 1)
		}
	}
	return row
}

// NewTable returns a table without lines, in which headers stay as they are written.
func NewTable() table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Name:    "plain",
		Box:     table.BoxStyle{PaddingRight: "  ", MiddleHorizontal: "-"},
		Format:  table.FormatOptions{Header: text.FormatDefault, Row: text.FormatDefault},
		Options: table.OptionsNoBordersAndSeparators,
	})
	t.SuppressTrailingSpaces()
	return t
}

// Fit renders a table and narrows the gaps between its columns where it would otherwise be
// wider than the screen.
func Fit(t table.Writer, width int) string {
	s := t.Render()
	if text.LongestLineLen(s) <= width {
		return s
	}
	t.Style().Box.PaddingRight = " "
	return t.Render()
}

// Columns aligns the first column, and the one numbered left, to the left, and all others to
// the right.
func Columns(n, left int) []table.ColumnConfig {
	cs := make([]table.ColumnConfig, 0, n)
	for i := 1; i <= n; i++ {
		align := text.AlignRight
		if i == 1 || i == left {
			align = text.AlignLeft
		}
		cs = append(cs, table.ColumnConfig{Number: i, Align: align, AlignHeader: align})
	}
	return cs
}
