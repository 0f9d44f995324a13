package page

import (
	"fmt"
	"slices"
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

// Table is a table without lines that can also be written as blocks, for a screen on which
// its columns do not fit.
type Table struct {
	table.Writer
	head    []string
	rows    [][]string
	columns []table.ColumnConfig
}

// NewTable returns an empty table, in which headers stay as they are written.
func NewTable() *Table {
	t := table.NewWriter()
	t.SetStyle(table.Style{
		Name:    "plain",
		Box:     table.BoxStyle{PaddingRight: "  ", MiddleHorizontal: "-"},
		Format:  table.FormatOptions{Header: text.FormatDefault, Row: text.FormatDefault},
		Options: table.OptionsNoBordersAndSeparators,
	})
	t.SuppressTrailingSpaces()
	return &Table{Writer: t}
}

// AppendHeader sets the names of the columns.
func (t *Table) AppendHeader(row table.Row, config ...table.RowConfig) {
	t.head = texts(row)
	t.Writer.AppendHeader(row, config...)
}

// AppendRow adds a row.
func (t *Table) AppendRow(row table.Row, config ...table.RowConfig) {
	t.rows = append(t.rows, texts(row))
	t.Writer.AppendRow(row, config...)
}

// SetColumnConfigs sets how the columns are aligned and which are hidden.
func (t *Table) SetColumnConfigs(configs []table.ColumnConfig) {
	t.columns = configs
	t.Writer.SetColumnConfigs(configs)
}

func texts(row table.Row) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = fmt.Sprint(v)
	}
	return out
}

// leastTitle is the width under which the titles of rows are not wrapped.
const leastTitle = 12

// Fit renders a table for a screen. Where it is too wide, the gaps between columns become
// narrower, then the titles of the rows are wrapped, and at last each row becomes a block of
// lines in which every cell has the name of its column. No cell is cut or broken.
func Fit(t *Table, width int) string {
	s := t.Render()
	if text.LongestLineLen(s) <= width {
		return s
	}
	t.Style().Box.PaddingRight = " "
	s = t.Render()
	over := text.LongestLineLen(s) - width
	if over <= 0 {
		return s
	}
	longest := 0
	for _, row := range append(t.rows, t.head) {
		if len(row) > 0 {
			longest = max(longest, text.StringWidth(row[0]))
		}
	}
	if room := longest - over; room >= leastTitle {
		configs := append([]table.ColumnConfig{}, t.columns...)
		if len(configs) == 0 || configs[0].Number != 1 {
			configs = append([]table.ColumnConfig{{Number: 1}}, configs...)
		}
		configs[0].WidthMax = room
		configs[0].WidthMaxEnforcer = func(s string, n int) string { return strings.Join(wrapTitle(s, n), "\n") }
		t.Writer.SetColumnConfigs(configs)
		if s = t.Render(); text.LongestLineLen(s) <= width {
			return s
		}
	}
	return t.blocks(width)
}

// blocks writes each row as its title and, indented, its cells with the names of their
// columns.
func (t *Table) blocks(width int) string {
	const indent = "  "
	var lines []string
	if len(t.head) > 0 && t.head[0] != "" {
		lines = append(lines, wrap(t.head[0]+":", width)...)
	}
	for _, row := range t.rows {
		lines = append(lines, wrapTitle(row[0], width)...)
		line := ""
		for i, cell := range row[1:] {
			if i++; cell == "" || t.hides(i) {
				continue
			}
			if i < len(t.head) && t.head[i] != "" {
				cell = t.head[i] + " " + strings.TrimSpace(cell)
			}
			if line != "" && text.StringWidth(indent+line+" · "+cell) <= width {
				line += " · " + cell
				continue
			}
			if line != "" {
				lines = append(lines, indent+line)
			}
			parts := wrap(cell, width-2*len(indent))
			for _, part := range parts[:len(parts)-1] {
				lines = append(lines, indent+part)
			}
			line = parts[len(parts)-1]
			if len(parts) > 1 {
				line = indent + line
			}
		}
		if line != "" {
			lines = append(lines, indent+line)
		}
	}
	return strings.Join(lines, "\n")
}

// wrapTitle wraps the title of a row and keeps its indent.
func wrapTitle(title string, width int) []string {
	indent := title[:len(title)-len(strings.TrimLeft(title, " "))]
	lines := wrap(title, width-len(indent))
	for i := range lines {
		lines[i] = indent + lines[i]
	}
	return lines
}

// hides reports whether the column of an index from 0 is hidden.
func (t *Table) hides(i int) bool {
	return slices.ContainsFunc(t.columns, func(c table.ColumnConfig) bool { return c.Number == i+1 && c.Hidden })
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
