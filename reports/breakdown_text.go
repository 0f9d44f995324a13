package reports

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// breakdown writes the sum, what stands beside it, and what the rungs are.
func (p *page) breakdown(b *Breakdown) {
	if len(b.metrics()) == 0 {
		return
	}
	p.para("", b.conditionsLine(), text.Reset)
	p.line("")
	metrics := b.screen()
	t := newTable()
	head := table.Row{""}
	for _, d := range metrics {
		head = append(head, d.Title)
	}
	t.AppendHeader(head)
	rows, sum, app := b.rows(metrics), len(sumSteps)+3, len(b.App)
	for i, row := range rows {
		switch i {
		case sum:
			t.AppendRow(table.Row{besideTitle})
		case len(rows) - app:
			t.AppendRow(table.Row{appTitle})
		}
		cells := table.Row{}
		for _, c := range row {
			cells = append(cells, c)
		}
		t.AppendRow(cells)
	}
	t.SetColumnConfigs(columns(1, 0))
	p.raw(render(t, p.width))
	p.para("", Same+" the interval includes zero: the part cannot be told from nothing", text.Faint)
	if b.Penalty[0].Launches > 1 {
		p.para("", "the sum is of means over the fresh starts; elsewhere a model's value is their geometric mean, and may differ", text.Faint)
	}
	for _, why := range b.LeftOut {
		p.para("", "not run here: "+plain(why), text.Faint)
	}
	p.para("", "direct: the app's own server alone; relay: copies bytes in front of it; bare: our front and forwarder in front of it, without the module", text.Faint)
	p.line("")
}

// breakdownView is what the page shows of a breakdown.
type breakdownView struct {
	Conditions string
	Legend     []string
	Figures    []*figure
	Tables     []titledGrid
	LeftOut    []string
}

func newBreakdownView(a *Analysis) *breakdownView {
	b := a.Breakdown
	if len(b.metrics()) == 0 {
		return nil
	}
	v := &breakdownView{Conditions: unbroken([]string{b.conditionsLine()})[0], Legend: breakdownLegend}
	for _, d := range b.screen() {
		v.Figures = append(v.Figures, d.waterfall(b))
	}
	var all []*BrokenDown
	for i := range b.Metrics {
		all = append(all, &b.Metrics[i])
	}
	rows, sum, app := b.rows(all), len(sumSteps)+3, len(b.App)
	table := func(title string, rows [][]string) {
		if len(rows) == 0 {
			return
		}
		g := grid{Head: []string{""}, Class: "wide"}
		for _, d := range all {
			g.Head = append(g.Head, d.Title)
		}
		for _, row := range rows {
			row[0] = strings.TrimSpace(row[0])
			g.Rows = append(g.Rows, row)
		}
		v.Tables = append(v.Tables, titledGrid{title, g})
	}
	table("The sum, metric by metric", rows[:sum])
	table("Beside the sum, each against its neighbour", rows[sum:len(rows)-app])
	table("The app's own CPU per request behind a hop, against asked directly", rows[len(rows)-app:])
	for _, why := range b.LeftOut {
		v.LeftOut = append(v.LeftOut, plain(why))
	}
	return v
}
