package reports

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// headlineTable is the table on the screen: one row per metric for two targets,
// and for more one table of values and one of ratios with a row per target. It
// is empty when nothing was measured.
func headlineTable(a *Analysis, width int) string {
	switch {
	case len(a.Series) == 0:
		return ""
	case len(a.Targets) == 1:
		return pairTable(a, a.Targets[0], width)
	case len(a.Targets) == 0:
		return valueTable(a, width)
	case len(a.Breakdown.metrics()) > 0: // says more than ratios against one rung do
		return valueTable(a, width)
	default:
		return valueTable(a, width) + "\n \n" + ratioTable(a, width)
	}
}

func pairTable(a *Analysis, target string, width int) string {
	room := max((width-64)/2, 14)
	t := newTable()
	t.AppendHeader(table.Row{"", short(a.Baseline, room), short(target, room), "difference", "ratio [95 % interval]"})
	for _, name := range a.headlineMetrics() {
		s, ok := a.Statement(name, target)
		if !ok { // the notes name it
			continue
		}
		row := table.Row{title(s), value(s.Base, s.Unit), value(s.Other, s.Unit), difference(s), ratio(s)}
		t.AppendRow(narrowed(row, width))
		if slo := a.sloRow(target); slo != nil && name == "throughput_per_second" {
			t.AppendRow(narrowed(cells(slo[:5]), width))
		}
	}
	t.SetColumnConfigs(columns(5, 5))
	return render(t, width)
}

func cells(words []string) table.Row {
	var row table.Row
	for _, w := range words {
		row = append(row, w)
	}
	return row
}

// narrowed writes "/s" for "req/s" where columns are few.
func narrowed(row table.Row, width int) table.Row {
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

// columnTitles are short, because six columns must fit a screen.
var columnTitles = map[string]string{
	"response_p50_seconds": "p50", "response_p99_seconds": "p99",
	"service_p50_seconds": "service p50", "service_p99_seconds": "service p99",
	"cpu_seconds_per_request": "CPU/request", "throughput_per_second": "peak",
	"memory_loaded_bytes": "memory", "cold_start_seconds": "cold start",
}

func valueTable(a *Analysis, width int) string {
	t := newTable()
	head := table.Row{""}
	for _, name := range a.headlineMetrics() {
		head = append(head, columnTitles[name])
	}
	t.AppendHeader(head)
	for _, target := range a.everyTarget() {
		row := table.Row{short(target, max(width-66, 14))}
		for _, name := range a.headlineMetrics() {
			cell := absent
			if s, ok := a.value(name, target); ok {
				cell = amount(s.Center.Value, s.Unit)
			}
			row = append(row, cell)
		}
		t.AppendRow(narrowed(row, width))
	}
	t.SetColumnConfigs(columns(len(head), 0))
	return render(t, width)
}

// ratioMetrics are the columns of the table of ratios: as many as fit with
// their intervals.
func (a *Analysis) ratioMetrics() []string {
	return []string{a.Latency + "_p50_seconds", "cpu_seconds_per_request", "throughput_per_second"}
}

func ratioTable(a *Analysis, width int) string {
	t := newTable()
	head := table.Row{"against " + short(a.Baseline, max(width-85, 12))}
	for _, name := range a.ratioMetrics() {
		head = append(head, columnTitles[name])
	}
	t.AppendHeader(head)
	for _, target := range a.Targets {
		row := table.Row{short(target, max(width-76, 14))}
		for _, name := range a.ratioMetrics() {
			cell := absent
			if s, ok := a.Statement(name, target); ok {
				cell = ratio(s)
			}
			row = append(row, cell)
		}
		t.AppendRow(row)
	}
	t.SetColumnConfigs(columns(len(head), 0))
	return render(t, width)
}

// newTable is a table without lines, in which headers stay as they are written.
func newTable() table.Writer {
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

// render closes the gaps between columns where the table would else be wider
// than the screen.
func render(t table.Writer, width int) string {
	s := t.Render()
	if text.LongestLineLen(s) <= width {
		return s
	}
	t.Style().Box.PaddingRight = " "
	return t.Render()
}

// columns are left-aligned for the first and for the one numbered left, and
// right-aligned otherwise.
func columns(n, left int) []table.ColumnConfig {
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
