package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/words"
)

// loadSummary is what load prints as JSON: seconds, and null for a quantile that
// has fewer than ten samples beyond it.
type loadSummary struct {
	Requests int64              `json:"requests"`
	Rate     float64            `json:"rate"`
	Outcomes ancmbench.Outcomes `json:"outcomes"`
	Response quantiles          `json:"response"`
	Service  quantiles          `json:"service"`
	Lag      quantiles          `json:"lag"`

	Engine        string              `json:"engine"`
	Duration      float64             `json:"duration_seconds"`
	BytesReceived int64               `json:"received_bytes"`
	Checks        []ancmbench.Check   `json:"checks,omitempty"`
	Warnings      []ancmbench.Warning `json:"warnings,omitempty"`
}

type quantiles struct {
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P99  *float64 `json:"p99"`
	P999 *float64 `json:"p999"`
	Max  *float64 `json:"max"`
	Mean *float64 `json:"mean"`
}

func quantilesOf(h *ancmbench.Histogram) quantiles {
	at := func(q float64) *float64 {
		d, ok := h.Printable(q)
		if !ok {
			return nil
		}
		s := d.Seconds()
		return &s
	}
	out := quantiles{P50: at(0.5), P90: at(0.9), P99: at(0.99), P999: at(0.999)}
	if h.Count() > 0 {
		longest, mean := h.Max().Seconds(), h.Mean().Seconds()
		out.Max, out.Mean = &longest, &mean
	}
	return out
}

func summarise(res *ancmbench.Result) loadSummary {
	s := loadSummary{Requests: res.Outcomes.Sent, Outcomes: res.Outcomes, Engine: res.Engine,
		Response: quantilesOf(res.Response), Service: quantilesOf(res.Service), Lag: quantilesOf(res.Lag),
		Duration: res.Busy.Float(), BytesReceived: res.BytesReceived, Checks: res.Checks, Warnings: res.Warnings}
	if res.Busy > 0 {
		s.Rate = float64(res.Outcomes.Sent-res.Outcomes.Unfinished) / res.Busy.Float()
	}
	return s
}

func showLoad(w io.Writer, asJSON bool, load ancmbench.Load, res *ancmbench.Result, took time.Duration) error {
	s := summarise(res)
	if asJSON {
		return writeJSON(w, s)
	}
	loop := "closed loop"
	if load.Arrivals.Open() {
		loop = fmt.Sprintf("open loop, %s, %.6g requests/s asked", load.Arrivals.Kind, load.Arrivals.Rate)
		if load.Arrivals.Kind == ancmbench.Ramp {
			loop = fmt.Sprintf("open loop, ramp from %.6g to %.6g requests/s", load.Arrivals.Rate, load.Arrivals.RampTo)
		}
	}
	fmt.Fprintf(w, "%s, %d connections, %s engine, %s\n", loop, load.Connections, res.Engine, words.Span(took))
	fmt.Fprintf(w, "%d requests, %.1f/s, %s received\n\n", s.Requests, s.Rate, words.Amount(float64(s.BytesReceived), "bytes"))
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"", "p50", "p90", "p99", "p99.9", "max", "mean"})
	rows := []struct {
		name string
		q    quantiles
	}{{"response time", s.Response}, {"service time", s.Service}, {"send lag", s.Lag}}
	for _, r := range rows {
		t.AppendRow(table.Row{r.name, seconds(r.q.P50), seconds(r.q.P90), seconds(r.q.P99), seconds(r.q.P999), seconds(r.q.Max), seconds(r.q.Mean)})
	}
	var columns []table.ColumnConfig
	for i := 2; i <= 7; i++ {
		columns = append(columns, table.ColumnConfig{Number: i, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	fmt.Fprintln(w, t.Render())
	fmt.Fprintln(w, "\n"+outcomeLine(res.Outcomes))
	for _, a := range advice.Advise(res.Warnings) {
		fmt.Fprintf(w, "%s: %s: %s\n", a.Severity, a.Text, loadAdvice(a))
	}
	return nil
}

// loadAdvice is the advice where it would name a file that load does not write.
func loadAdvice(a advice.Advice) string {
	if a.Code == ancmbench.WarnErrors {
		return "the line of outcomes above says how they failed; mend the server or lower --rate"
	}
	return a.Do
}

func seconds(v *float64) string {
	if v == nil {
		return "-"
	}
	return words.Amount(*v, "seconds")
}

// outcomeLine names every way in which requests ended, zeros left out only for
// what did not happen.
func outcomeLine(o ancmbench.Outcomes) string {
	line := fmt.Sprintf("outcomes: %d ok", o.OK)
	for _, status := range slices.Sorted(maps.Keys(o.Status)) {
		line += fmt.Sprintf(", %d status %d", o.Status[status], status)
	}
	for _, kind := range []struct {
		name string
		n    int64
	}{{"wrong model", o.WrongModel}, {"wrong answer", o.WrongAnswer}, {"refused", o.Refused}, {"reset", o.Reset},
		{"timeout", o.Timeout}, {"malformed", o.Malformed}, {"closed early", o.ClosedEarly}, {"failed", o.Failed},
		{"unfinished", o.Unfinished}, {"shed", o.Shed}, {"retried on a stale connection", o.Stale}} {
		if kind.n > 0 {
			line += fmt.Sprintf(", %d %s", kind.n, kind.name)
		}
	}
	return line
}
