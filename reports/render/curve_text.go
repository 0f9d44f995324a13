package render

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// writeCurves writes what the run means for an app, one line per factor.
func writeCurves(p *page.Screen, a *figures.Analysis) {
	for i := range a.Curve {
		c := &a.Curve[i]
		title, note := "What it means for your app: what "+words.Plain(c.Target)+" adds to the median response of "+words.Plain(c.Baseline),
			"intervals are 95 %; each point has a rate of its own: the report has all of them"
		if len(c.Points) == 0 { // a sweep alone
			title, note = "How far they go: latency against throughput", fmt.Sprintf("intervals are 95 %%; %s; the report has every rate of the sweep", words.Count(sentences.SweepConnections(c), "connection", "connections"))
		}
		p.Para("", title, text.Bold)
		for _, f := range ancmbench.Factors {
			points := c.Of(f)
			var said []string
			for _, st := range points {
				word := sentences.EffectBrief(st.P50, "seconds")
				if f.LevelUnit() != "" || f == ancmbench.FactorFront {
					word = sentences.LevelOf(st) + ": " + word
				}
				if st.FirstByte != nil {
					word += ", its first byte " + sentences.EffectBrief(st.FirstByte, "seconds")
				}
				said = append(said, word)
			}
			if len(said) > 0 {
				p.Para(fmt.Sprintf("  %-30s", sentences.FactorTitles[f]), strings.Join(said, " · "), text.Reset)
			}
		}
		for _, s := range append(sentences.CurveSentences(c), sentences.SLOSentence(c), sentences.TLSSentence(c)) {
			if s != "" {
				p.Para("  ", s, text.Reset)
			}
		}
		p.Para("  ", note, text.Faint)
		p.Line("")
	}
}
