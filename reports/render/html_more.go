package render

import (
	"fmt"
	"io"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/html"
)

// GateHTML writes the verdict on a run as one page: the verdict, then why, then the run. It
// fails if w does, or if the run cannot be analysed.
func GateHTML(w io.Writer, v *gate.Verdict, run *ancmbench.Run) error {
	a, err := figures.Analyse(run)
	if err != nil {
		return fmt.Errorf("html page of the gate: %w", err)
	}
	return html.Gate(w, v, run, a, files(run, a)...)
}

// CompareHTML writes a comparison as one page. It fails if w does.
func CompareHTML(w io.Writer, c *figures.Comparison) error {
	said := html.Compared{Intro: compareIntro(c), Head: compareHead(c), Notes: compareNotes(c)}
	for _, r := range c.Rows {
		said.Rows = append(said.Rows, compareCells(c, r))
	}
	return html.Compare(w, c, said)
}
