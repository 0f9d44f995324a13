package render

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// CheckSentence returns the outcome in words.
func CheckSentence(c *figures.PenaltyCheck) string {
	switch c.Outcome {
	case figures.Agrees:
		return "The independent run agrees with the breakdown: the 95 % intervals of every penalty overlap."
	case figures.AgreesInRatio:
		return "The independent run agrees in the ratio only: the whole machine was faster in one of the two, so the penalty in seconds changed. Repeat both, one right after the other."
	case figures.CannotTell:
		return "No decision: the interval of a penalty is missing or includes zero, and would overlap with almost anything. Give both runs more fresh starts, or a quieter host."
	default:
		return "The independent run disagrees with the breakdown: the intervals of a penalty do not overlap. Do not rely on the parts; look at the warnings of both runs, and repeat them."
	}
}

// CheckText writes a PenaltyCheck as one table and a sentence.
func CheckText(w io.Writer, c *figures.PenaltyCheck, opts page.Options) error {
	p := page.NewScreen(opts)
	p.Para("", CheckSentence(c), text.Bold)
	p.Line("")
	t := page.NewTable()
	t.AppendHeader(table.Row{"penalty at " + words.Rate(c.Rate), c.Labels[0], c.Labels[1], "overlap"})
	for _, row := range c.Rows {
		of := func(e *stats.Estimate, write func(stats.Estimate) string) string {
			if e == nil {
				return words.Absent
			}
			return write(*e)
		}
		difference := func(e stats.Estimate) string { return sentences.WithInterval(e, row.Unit) }
		fold := func(e stats.Estimate) string { return stats.Ratio(&e) }
		t.AppendRow(table.Row{row.Title, of(row.Breakdown.Difference, difference), of(row.Both.Difference, difference), yesNo(row.Difference)})
		t.AppendRow(table.Row{"  as a ratio", of(row.Breakdown.Ratio, fold), of(row.Both.Ratio, fold), yesNo(row.Ratio)})
	}
	t.AppendRow(table.Row{"fresh starts", fmt.Sprint(c.Rows[0].Breakdown.Launches), fmt.Sprint(c.Rows[0].Both.Launches), ""})
	t.SetColumnConfigs(page.Columns(1, 0))
	p.Raw(page.Fit(t, p.Width))
	for _, d := range c.Differences {
		p.Para("note     ", "the runs differ: "+words.Plain(d), text.Reset)
	}
	_, err := w.Write(p.Buf.Bytes())
	return err
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return words.Absent
	case *b:
		return "yes"
	default:
		return "NO"
	}
}
