package render

import (
	"errors"
	"fmt"
	"io"

	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// StretchesMarkdown writes a table of gates along recordings, for a document.
// Titles name the recordings, in the same order.
func StretchesMarkdown(w io.Writer, titles []string, all []*gate.Stretches) error {
	if len(titles) != len(all) {
		return errors.New("stretches: a title for each is needed")
	}
	m := &page.Markdown{}
	m.Line("| recording | judged | gates | fail | pass | no decision | fresh starts of each |")
	m.Line("|---|---|--:|---|---|---|---|")
	for i, s := range all {
		n := len(s.Lengths)
		of := func(r gate.Rate) string {
			return fmt.Sprintf("%d of %d [%s, %s]", r.Count, n, words.Percent(r.Low), words.Percent(r.High))
		}
		for _, x := range s.Metrics {
			m.Row(titles[i], titleOf(x.Metric), fmt.Sprint(n), of(x.Fail), of(x.Pass), of(gate.RateOf(n-x.Fail.Count-x.Pass.Count, n)), "")
		}
		m.Row(titles[i], "the gate", fmt.Sprint(n), of(s.Fail), of(s.Pass), of(s.Inconclusive), words.List(texts(s.Lengths)))
	}
	return m.Into(w)
}

func texts(ns []int) []string {
	var out []string
	for _, n := range ns {
		out = append(out, fmt.Sprint(n))
	}
	return out
}
