package reports

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
)

// PredictText writes predictions in plain words.
func PredictText(w io.Writer, run *ancmbench.Run, predictions []Prediction, opts TextOptions) error {
	p := newPage(opts)
	for i, one := range predictions {
		if i == 0 {
			p.para("", fmt.Sprintf("%s instead of %s, for an app that %s, at %s · %s", plain(one.Target), plain(one.Baseline),
				one.takes(), rate(one.Rate), about(run)), text.Bold)
		}
		p.line("")
		switch one.Work {
		case ancmbench.FactorCPU:
			p.para("", "If that time is the app's own computing:", text.Reset)
		case ancmbench.FactorWait:
			p.para("", "If the app only waits in that time, as for a database:", text.Reset)
		}
		if one.NotStated != "" {
			p.para("  ", one.NotStated, text.Reset)
		}
		row := func(label string, e *Estimate, unit string) {
			if e != nil {
				p.para(fmt.Sprintf("  %-16s", label), moreOf(e, unit)+e.untold(), text.Reset)
			}
		}
		row("response p50", one.P50, "seconds")
		if one.BaseP50 != nil {
			p.para("  "+fmt.Sprintf("%-16s", ""), "on top of "+amount(one.BaseP50.Value, "seconds")+" "+plain(one.Baseline), text.Faint)
		}
		row("response p99", one.P99, "seconds")
		if one.Cores != nil {
			p.para(fmt.Sprintf("  %-16s", "processors"), cores(*one.Cores)+one.Cores.untold(), text.Reset)
		}
		row("memory", one.Memory, "bytes")
	}
	if len(predictions) > 0 {
		p.line("")
		evidence := "From one fresh start of this run, so no interval can be given,"
		if n := predictions[0].Launches; n > 1 {
			evidence = fmt.Sprintf("95 %% intervals over %d fresh starts of this run,", n)
		}
		p.para("", evidence+" on the machine where it ran; memory is that of the run's memory phase.", text.Faint)
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

// takes says how long the app is at work.
func (p Prediction) takes() string {
	if p.AppTime == 0 {
		return "does next to nothing itself"
	}
	return "takes " + amount(p.AppTime, "seconds") + " per request"
}

// untold marks a difference that may as well be none.
func (e *Estimate) untold() string {
	if e.Interval != nil && e.Interval.Holds(0) {
		return " (not told from zero)"
	}
	return ""
}

// cores writes "+0.061 cores [+0.052, +0.070]".
func cores(e Estimate) string {
	s := fmt.Sprintf("%+.2g cores", e.Value)
	if e.Interval != nil {
		s += fmt.Sprintf(" [%+.2g, %+.2g]", e.Interval.Low, e.Interval.High)
	}
	return s
}
