package render

import (
	"io"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/html"
)

// HTML writes the report of a run as one page that needs nothing else: no font and no
// network. The same run gives the same bytes. It fails if w does.
func HTML(w io.Writer, run *ancmbench.Run, a *figures.Analysis) error {
	return html.Run(w, run, a, files(run, a)...)
}

// files are what a reader can take out of a page.
func files(run *ancmbench.Run, a *figures.Analysis) []html.File {
	return []html.File{
		html.ResultFile(run),
		{Name: "fresh-starts.csv", Type: "text/csv", Write: func(w io.Writer) error { return CSV(w, run) }},
		{Name: "benchfmt.txt", Type: "text/plain", Write: func(w io.Writer) error { return Benchfmt(w, run) }},
	}
}
