package main

import (
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"ancmbench"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// hostsTable returns what each load host did and saw, if several machines took part.
func hostsTable(hosts []ancmbench.LoadHost, width int) string {
	t := page.NewTable()
	t.AppendHeader(table.Row{"load host", "requests", "failed", "p50", "p99", "send lag p50", "CPU", "clock known within"})
	for _, h := range hosts {
		t.AppendRow(table.Row{h.Name, h.Outcomes.Sent, h.Outcomes.Errors(), timeOf(h.P50), timeOf(h.P99), timeOf(h.LagP50), cpuOf(h), clockOf(h)})
	}
	t.SetColumnConfigs(page.Columns(8, 0))
	return page.Fit(t, width)
}

// timeOf returns a time as tables show it; a hyphen stands for a quantile with too few
// samples.
func timeOf(d ancmbench.Seconds) string {
	if d == 0 {
		return "-"
	}
	return words.Amount(d.Float(), "seconds")
}

func cpuOf(h ancmbench.LoadHost) string {
	if h.CPU == nil {
		return "-"
	}
	return words.Amount(h.CPU.Float(), "seconds")
}

// clockOf returns the worse of the estimates before and after the load.
func clockOf(h ancmbench.LoadHost) string {
	worst := time.Duration(0)
	for _, c := range h.Clocks {
		worst = max(worst, c.Uncertainty.D())
	}
	return timeOf(ancmbench.Seconds(worst))
}
