package render

import (
	"io"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/html"
	"ancmbench/reports/page"
)

// HTML writes the report of a run as one page that needs nothing else: no font and no
// network. The same run gives the same bytes. It fails if w does.
func HTML(w io.Writer, run *ancmbench.Run, a *figures.Analysis) error {
	return html.Run(w, run, a, files(run, a)...)
}

// files are what a reader can take out of a page.
func files(run *ancmbench.Run, a *figures.Analysis) []html.File {
	out := []html.File{ // the small ones first, so that they find room
		{Name: "fresh-starts.csv", Type: "text/csv", Write: func(w io.Writer) error { return CSV(w, run) }},
		{Name: "benchfmt.txt", Type: "text/plain", Write: func(w io.Writer) error { return Benchfmt(w, figures.NamedRun{Run: run}) }},
	}
	for i, target := range a.EveryTarget() {
		if !slices.ContainsFunc(a.Pooled, func(p figures.Pooled) bool { return p.Target == target }) || i == mostDistributions {
			break
		}
		out = append(out, html.File{Name: page.Slug(target) + ".hgrm", Type: "text/plain", Write: func(w io.Writer) error { return Percentiles(w, run, a, target) }})
	}
	return append(out, html.ResultFile(run))
}

// mostDistributions limits the .hgrm files in a page.
const mostDistributions = 12
