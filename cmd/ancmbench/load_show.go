package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/reports/advice"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// loadSummary is what load prints as JSON: seconds, and null for a quantile that
// has fewer than ten samples beyond it.
type loadSummary struct {
	Requests int64               `json:"requests"`
	Rate     float64             `json:"rate"`
	Outcomes ancmbench.Outcomes  `json:"outcomes"`
	Failures []ancmbench.Failure `json:"failures,omitempty"`
	Response quantiles           `json:"response"`
	Service  quantiles           `json:"service"`
	// Lag is of an open loop, Wait of the requests that waited for a connection, Connect
	// of those that had to open one.
	Lag     *quantiles `json:"lag,omitempty"`
	Wait    *quantiles `json:"wait,omitempty"`
	Connect *quantiles `json:"connect,omitempty"`
	// Histogram is of the response times.
	Histogram []histogramRow `json:"histogram,omitempty"`

	Engine        string    `json:"engine"`
	Address       string    `json:"address"`
	Duration      float64   `json:"duration_seconds"`
	BytesReceived int64     `json:"received_bytes"`
	Thresholds    []holding `json:"thresholds,omitempty"`
	// LoadHosts are those that shared the load; nil if it was sent from here.
	LoadHosts []ancmbench.LoadHost `json:"load_hosts,omitempty"`
	Checks    []ancmbench.Check    `json:"checks,omitempty"`
	Warnings  []ancmbench.Warning  `json:"warnings,omitempty"`
}

type quantiles struct {
	Count int64    `json:"count"`
	P50   *float64 `json:"p50"`
	P75   *float64 `json:"p75"`
	P90   *float64 `json:"p90"`
	P95   *float64 `json:"p95"`
	P99   *float64 `json:"p99"`
	P999  *float64 `json:"p999"`
	Max   *float64 `json:"max"`
	Mean  *float64 `json:"mean"`
}

// loadQuantiles are those that load shows, and that a threshold can bound.
var loadQuantiles = []struct {
	name string
	q    float64
	of   func(*quantiles) **float64
}{
	{"p50", 0.5, func(q *quantiles) **float64 { return &q.P50 }}, {"p75", 0.75, func(q *quantiles) **float64 { return &q.P75 }},
	{"p90", 0.9, func(q *quantiles) **float64 { return &q.P90 }}, {"p95", 0.95, func(q *quantiles) **float64 { return &q.P95 }},
	{"p99", 0.99, func(q *quantiles) **float64 { return &q.P99 }}, {"p99.9", 0.999, func(q *quantiles) **float64 { return &q.P999 }},
}

func quantilesOf(h *ancmbench.Histogram) quantiles {
	out := quantiles{Count: h.Count()}
	for _, q := range loadQuantiles {
		if d, ok := h.Printable(q.q); ok {
			s := d.Seconds()
			*q.of(&out) = &s
		}
	}
	if h.Count() > 0 {
		longest, mean := h.Max().Seconds(), h.Mean().Seconds()
		out.Max, out.Mean = &longest, &mean
	}
	return out
}

// someOf returns the histogram, or nil if it has no samples.
func someOf(h *ancmbench.Histogram) *quantiles {
	if h.Count() == 0 {
		return nil
	}
	q := quantilesOf(h)
	return &q
}

func summarise(load ancmbench.Load, res *ancmbench.Result, held []holding) loadSummary {
	s := loadSummary{Requests: res.Outcomes.Sent, Outcomes: res.Outcomes, Failures: res.Failures, Engine: res.Engine,
		Address: load.Targets[0].Address, Response: quantilesOf(res.Response), Service: quantilesOf(res.Service),
		Lag: someOf(res.Lag), Wait: someOf(res.Wait), Connect: someOf(res.Connect), Histogram: histogramOf(res.Response),
		Duration: res.Busy.Float(), BytesReceived: res.BytesReceived, Thresholds: held, Checks: res.Checks, Warnings: res.Warnings, LoadHosts: res.LoadHosts}
	if res.Busy > 0 {
		s.Rate = float64(res.Outcomes.Sent-res.Outcomes.Unfinished) / res.Busy.Float()
	}
	return s
}

func showLoad(w io.Writer, asJSON bool, load ancmbench.Load, res *ancmbench.Result, held []holding, took time.Duration) error {
	s := summarise(load, res, held)
	if asJSON {
		return writeJSON(w, s)
	}
	p := page.NewScreen(page.Options{Width: width(w), Color: colored(w)})
	p.Para("", fmt.Sprintf("%s, %d connections to %s, %s engine, %s", loopOf(load), load.Connections, s.Address, res.Engine, words.Span(took)), text.Reset)
	p.Para("", fmt.Sprintf("%d requests, %.1f/s, %s received", s.Requests, s.Rate, words.Amount(float64(s.BytesReceived), "bytes")), text.Reset)
	p.Line("")
	p.Raw(timesTable(s, p.Width))
	if len(res.LoadHosts) > 0 {
		p.Line("")
		p.Raw(hostsTable(res.LoadHosts, p.Width))
	}
	showHistogram(p, s.Histogram)
	p.Line("")
	p.Para("", outcomeLine(res.Outcomes), text.Reset)
	for _, f := range res.Failures {
		p.Para("  ", failureLine(f), text.Reset)
	}
	for _, h := range held {
		p.Para("", h.String(), text.Reset)
	}
	for _, a := range advice.Advise(res.Warnings) {
		p.Para("", fmt.Sprintf("%s: %s. Fix: %s.", a.Severity, a.Text, loadAdvice(a)), text.Reset)
	}
	_, err := w.Write(p.Buf.Bytes())
	return err
}

func loopOf(load ancmbench.Load) string {
	switch a := load.Arrivals; {
	case a.Kind == ancmbench.Ramp:
		return fmt.Sprintf("open loop, ramp from %s to %s requests/s", words.Plain6(a.Rate), words.Plain6(a.RampTo))
	case a.Open():
		return fmt.Sprintf("open loop, %s, %s requests/s asked", a.Kind, words.Plain6(a.Rate))
	}
	return "closed loop"
}

// timesTable has a line for each part of the response times that there is.
func timesTable(s loadSummary, width int) string {
	t := page.NewTable()
	header := table.Row{""}
	for _, q := range loadQuantiles {
		header = append(header, q.name)
	}
	t.AppendHeader(append(header, "max", "mean"))
	some := func(name string, q *quantiles) string {
		if q == nil || q.Count == s.Response.Count {
			return name
		}
		return fmt.Sprintf("%s of %d", name, q.Count)
	}
	for _, r := range []struct {
		name string
		q    *quantiles
	}{{"response time", &s.Response}, {"service time", &s.Service}, {some("wait for a connection", s.Wait), s.Wait},
		{some("time to connect", s.Connect), s.Connect}, {"send lag", s.Lag}} {
		if r.q == nil {
			continue
		}
		row := table.Row{r.name}
		for _, q := range loadQuantiles {
			row = append(row, seconds(*q.of(r.q)))
		}
		t.AppendRow(append(row, seconds(r.q.Max), seconds(r.q.Mean)))
	}
	t.SetColumnConfigs(page.Columns(len(loadQuantiles)+3, 0))
	return page.Fit(t, width)
}

// histogramRow is how many response times lie up to a bound, and beyond the one before.
type histogramRow struct {
	UpTo  float64 `json:"up_to_seconds"`
	Count int64   `json:"count"`
}

// histogramOf counts by bounds of 1, 2 and 5 times the powers of ten; a row without a
// count lies only between others.
func histogramOf(h *ancmbench.Histogram) []histogramRow {
	var out []histogramRow
	bound := time.Microsecond
	h.Buckets(func(upTo time.Duration, count int64) bool {
		for upTo > bound {
			bound = nextBound(bound)
			if len(out) > 0 {
				out = append(out, histogramRow{UpTo: bound.Seconds()})
			}
		}
		if len(out) == 0 {
			out = append(out, histogramRow{UpTo: bound.Seconds()})
		}
		out[len(out)-1].Count += count
		return true
	})
	return out
}

// nextBound returns the next larger bound: 1, 2, 5, 10, 20, 50 us and so on.
func nextBound(bound time.Duration) time.Duration {
	power := time.Microsecond
	for power*10 <= bound {
		power *= 10
	}
	switch bound / power {
	case 1:
		return 2 * power
	case 2:
		return 5 * power
	}
	return 10 * power
}

const histogramWidth = 40

func showHistogram(p *page.Screen, rows []histogramRow) {
	var most, all int64
	for _, r := range rows {
		most, all = max(most, r.Count), all+r.Count
	}
	if most == 0 {
		return
	}
	p.Line("")
	p.Line("response times")
	longest := int64(min(histogramWidth, p.Width-len("  up to 12345678 123456789 100.00 %  ")))
	for _, r := range rows {
		bar := strings.Repeat("#", int((r.Count*longest+most-1)/most))
		p.Line(fmt.Sprintf("  up to %8s %9d %6.2f %%  %s", words.Amount(r.UpTo, "seconds"), r.Count, 100*float64(r.Count)/float64(all), bar))
	}
}

// loadAdvice replaces the advice that names a file which load does not write.
func loadAdvice(a advice.Advice) string {
	if a.Code == ancmbench.WarnErrors {
		return "see the causes under the outcomes; fix the server or lower --rate"
	}
	return a.Do
}

func seconds(v *float64) string {
	if v == nil {
		return "-"
	}
	return words.Amount(*v, "seconds")
}

// outcomeLine returns a line with every kind of outcome that occurred, with its count.
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
		{"unfinished", o.Unfinished}, {"shed", o.Shed}, {"retried on a stale connection", o.Stale},
		{"connections closed because of bytes after the answer", o.Unasked}, {"redirects, not followed", o.Redirects},
		{"connections closed by the server", o.ServerClosed}, {"right answers with another body than the first", o.Varied}} {
		if kind.n > 0 {
			line += fmt.Sprintf(", %d %s", kind.n, kind.name)
		}
	}
	return line
}

// remedies say what to do about a failure, by the beginning of its cause.
var remedies = []struct{ cause, do string }{
	{"x509: certificate signed by unknown authority", "--cacert FILE trusts the one that signed it, --insecure takes any"},
	{"x509: ", "--insecure takes any certificate"},
	{"the server speaks no TLS", "begin the URL with http://"},
	{loadgen.HTTP2Only, "--http2 speaks it"},
	{"status ", "--expect 2xx,%s counts it as right"},
	{"connection refused", "nobody listens there"},
	{"too many open files", "ulimit -n raises the limit, -c lowers what is needed"},
	{"cannot assign requested address", "no local port is left: keep connections alive, or wait a minute"},
	{"no connection in time", "the server does not accept connections: its queue is full, or the way is blocked"},
}

// failureLine names a failure with its count, and what can be done about it.
func failureLine(f ancmbench.Failure) string {
	words := f.Cause
	if f.Kind == "malformed" && words != "malformed answer" {
		words = "malformed answer: " + words
	}
	line := fmt.Sprintf("%s (%d)", words, f.Count)
	if do := remedy(f.Cause); do != "" {
		return line + ": " + do
	}
	return line
}

// remedy returns what can be done about a failure with that cause, or "".
func remedy(cause string) string {
	for _, r := range remedies {
		if rest, ok := strings.CutPrefix(cause, r.cause); ok {
			status, _, _ := strings.Cut(rest, ":") // a redirect has more words
			return strings.ReplaceAll(r.do, "%s", status)
		}
	}
	return ""
}

// causes names all failures in one line.
func causes(res *ancmbench.Result) string {
	var words []string
	for _, f := range res.Failures {
		words = append(words, failureLine(f))
	}
	if res.Outcomes.Shed > 0 {
		words = append(words, fmt.Sprintf("due and never sent (%d)", res.Outcomes.Shed))
	}
	return strings.Join(words, "; ")
}
