package render

import (
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
)

// HostText writes what is known of a machine, line by line.
func HostText(w io.Writer, h ancmbench.Host, opts page.Options) error {
	p := page.NewScreen(opts)
	writeHost(p, h)
	_, err := w.Write(p.Buf.Bytes())
	return err
}

func writeHost(p *page.Screen, h ancmbench.Host) {
	for _, row := range sentences.HostRows(h) {
		p.Para("  "+row[0]+": ", row[1], text.Reset)
	}
}

// ChecksText writes every check with its value and its bound.
func ChecksText(w io.Writer, checks []figures.CheckSummary, opts page.Options) error {
	p := page.NewScreen(opts)
	writeChecks(p, checks)
	_, err := w.Write(p.Buf.Bytes())
	return err
}

func writeChecks(p *page.Screen, checks []figures.CheckSummary) {
	if len(checks) == 0 {
		return
	}
	t := page.NewTable()
	t.AppendHeader(page.Cells(sentences.CheckHead))
	for _, row := range sentences.CheckRows(checks) {
		t.AppendRow(page.Cells(row))
	}
	t.SetColumnConfigs(page.Columns(len(sentences.CheckHead), len(sentences.CheckHead)))
	p.Raw(page.Fit(t, p.Width))
}

// writeDetails writes what -v adds below the summary: the processes, every check, the machine, and what
// measured.
func writeDetails(p *page.Screen, run *ancmbench.Run, a *figures.Analysis) {
	p.Line("")
	writeProcesses(p, run)
	writeChecks(p, a.Trust.Checks)
	writeLoadHosts(p, run)
	p.Line("")
	p.Para("", "machine", text.Bold)
	writeHost(p, run.Host)
	p.Para("", "measured by "+sentences.ToolLine(run.Tool)+", seed "+strconv.FormatUint(run.Seed, 10), text.Reset)
}
