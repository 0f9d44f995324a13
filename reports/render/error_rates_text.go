package render

import (
	"fmt"
	"io"
	"math"

	"ancmbench"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// ErrorRatesMarkdown writes a table of error rates, one row per metric that the
// Resampling is about, and one of the whole gate, for a document.
func ErrorRatesMarkdown(w io.Writer, rates []*gate.ErrorRates) error {
	m := &page.Markdown{}
	m.Line("| injected | metric | fail | pass | no decision | recorded SD | ratio, effect included | median fresh starts |")
	m.Line("|---|---|---|---|---|--:|---|--:|")
	for _, r := range rates {
		what := "nothing (A/A)"
		if r.Effect != 0 {
			what = words.Signed(r.Effect, "share")
			if r.Metric != "" {
				what += " in " + titleOf(r.Metric)
			}
		}
		if r.Block > 1 {
			what += fmt.Sprintf(", blocks of %d", r.Block)
		}
		for _, x := range r.Metrics {
			if r.Metric != "" && x.Metric != r.Metric {
				continue
			}
			none := gate.RateOf(r.Runs-x.Fail.Count-x.Pass.Count, r.Runs)
			m.Row(what, titleOf(x.Metric), x.Fail.String(), x.Pass.String(), none.String(), words.Percent(math.Expm1(x.SD)),
				stats.Ratio(&x.Bias), fmt.Sprint(r.Median))
		}
		m.Row(what, "the gate", r.Fail.String(), r.Pass.String(), r.Inconclusive.String(), "", "", fmt.Sprint(r.Median))
	}
	if len(rates) > 0 {
		r := rates[0]
		m.Line("\n%s pseudo-runs drawn from %d recorded fresh starts, seed %d; in brackets the exact 95 %% interval of the drawing.",
			words.Grouped(float64(r.Runs)), r.Recorded, r.Seed)
	}
	return m.Into(w)
}

// titleOf returns a metric's title, or its name if it has none.
func titleOf(name string) string {
	if m, ok := ancmbench.MetricByName(name); ok {
		return m.Title
	}
	return name
}
