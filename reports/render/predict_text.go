package render

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/sentences"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// PredictText writes predictions for people.
func PredictText(w io.Writer, run *ancmbench.Run, predictions []figures.Prediction, opts page.Options) error {
	p := page.NewScreen(opts)
	for i, one := range predictions {
		if i == 0 {
			p.Para("", fmt.Sprintf("%s instead of %s, for an app that %s, at %s · %s", words.Plain(one.Target), words.Plain(one.Baseline),
				takes(one), words.Rate(one.Rate), figures.About(run)), text.Bold)
		}
		p.Line("")
		switch one.Work {
		case ancmbench.FactorCPU:
			p.Para("", "If that time is the app's own computing:", text.Reset)
		case ancmbench.FactorWait:
			p.Para("", "If the app only waits in that time, as for a database:", text.Reset)
		}
		if one.NotStated != "" {
			p.Para("  ", one.NotStated, text.Reset)
		}
		row := func(label string, e *stats.Estimate, unit string) {
			if e != nil {
				p.Para(fmt.Sprintf("  %-16s", label), stats.Signed(e, unit)+e.Untold(), text.Reset)
			}
		}
		row("response p50", one.P50, "seconds")
		if one.BaseP50 != nil {
			p.Para("  "+fmt.Sprintf("%-16s", ""), "on top of "+words.Amount(one.BaseP50.Value, "seconds")+" "+words.Plain(one.Baseline), text.Faint)
		}
		row("response p99", one.P99, "seconds")
		if one.Cores != nil {
			p.Para(fmt.Sprintf("  %-16s", "processors"), cores(*one.Cores)+one.Cores.Untold(), text.Reset)
		}
		row("memory", one.Memory, "bytes")
	}
	if len(predictions) > 0 && !opts.Brief {
		p.Line("")
		evidence := "From one fresh start of this run, so no interval can be given,"
		if n := predictions[0].Launches; n > 1 {
			evidence = fmt.Sprintf("95 %% intervals over %d fresh starts of this run,", n)
		}
		p.Para("", evidence+" on the machine where it ran; memory is that of the run's memory phase.", text.Faint)
	}
	if opts.Verbose {
		a, err := figures.Analyse(run)
		if err != nil {
			return err
		}
		p.Line("")
		p.Para("", "profile "+words.Plain(run.Profile.Name)+", "+figures.Conditions(run), text.Reset)
		p.Para("trust    ", sentences.TrustLine(run, a), text.Reset)
		writeDetails(p, run, a)
	}
	_, err := w.Write(p.Buf.Bytes())
	return err
}

// takes says how long the app is at work.
func takes(p figures.Prediction) string {
	if p.AppTime == 0 {
		return "does almost nothing itself"
	}
	return "takes " + words.Amount(p.AppTime, "seconds") + " per request"
}

// cores writes "+0.061 cores [+0.052, +0.070]".
func cores(e stats.Estimate) string {
	number := func(v float64) string { return fmt.Sprintf("%+.2g", v) }
	return number(e.Value) + " cores" + e.Range(number)
}
