package html

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

// Loaded is one load on one server, with what was asked of it.
type Loaded struct {
	Load   ancmbench.Load
	Result *ancmbench.Result
	// Loop says how the load was: "open loop, poisson, 500 requests/s asked".
	Loop string
	// Held are the thresholds.
	Held []Held
	Took time.Duration
}

// Held is a threshold in words, and whether the load is known to have kept it.
type Held struct {
	Said string
	Kept bool
}

// Load writes the page of a load.
func Load(w io.Writer, l Loaded, files ...File) error {
	r := l.Result
	a := figures.OfLoad(r)
	p := Page{Title: "Load on " + words.Plain(l.Load.Targets[0].Address), Subject: "your servers", Files: files}
	p.Facts = []string{unbroken(fmt.Sprintf("%s, %s, %s engine, %s.", capital(l.Loop), words.Count(l.Load.Connections, "connection", "connections"), words.Plain(r.Engine), words.Span(l.Took)))}
	p.Lead = loadLead(l)
	thresholds := &Section{ID: "thresholds", Title: "Thresholds"}
	for _, held := range l.Held {
		thresholds.List = append(thresholds.List, held.Said)
	}
	if len(l.Held) == 0 {
		thresholds = nil
	}
	a.Warnings = advice.Advise(r.Warnings)
	p.Sections = shown(thresholds, timesSection(r), latencySection(a), overTimeSection(a), outcomesSection(r), warningsSection(a), checksSection(a), glossarySection())
	if len(files) > 0 {
		p.Sections = append(p.Sections, filesSection())
	}
	return p.Write(w)
}

func loadLead(l Loaded) Lead {
	r, o := l.Result, l.Result.Outcomes
	rate := 0.0
	if r.Busy > 0 {
		rate = float64(o.Sent-o.Unfinished) / r.Busy.Float()
	}
	lead := Lead{Answer: unbroken(fmt.Sprintf("%s were sent, %s; %s.", words.Count(int(o.Sent), "request", "requests"), words.Rate(rate), failedWords(o))),
		NotShown: "What another server, or another build of this one, would do under the same load; what the server's processes cost; and how much the next run would differ: this is one."}
	if o.Errors() > 0 {
		why := "see below how"
		if len(r.Failures) > 0 {
			why = words.Plain(r.Failures[0].Cause)
		}
		lead.Alerts = []string{fmt.Sprintf("%s of %s failed: %s.", words.Grouped(float64(o.Errors())), words.Count(int(o.Due), "request", "requests"), why)}
	}
	for _, held := range l.Held {
		if !held.Kept {
			lead.Alerts = append(lead.Alerts, unbroken(capital(held.Said)+"."))
		}
	}
	for _, q := range []float64{0.5, 0.99} {
		name := fmt.Sprintf("response time, p%g", 100*q)
		if d, ok := r.Response.Printable(q); ok {
			lead.Cards = append(lead.Cards, newCard(words.Amount(d.Seconds(), "seconds"), name, ""))
		} else {
			lead.Cards = append(lead.Cards, newCard(words.Absent, name, "too few samples"))
		}
	}
	lead.Cards = append(lead.Cards, newCard(words.Percent(o.ErrorShare()), "of the requests failed", failedCount(o)))
	return lead
}

// failedCount says how many failed, where any did.
func failedCount(o ancmbench.Outcomes) string {
	if o.Errors() == 0 {
		return ""
	}
	return failedWords(o)
}

func failedWords(o ancmbench.Outcomes) string {
	if o.Errors() == 0 {
		return "none failed"
	}
	return words.Grouped(float64(o.Errors())) + " of " + words.Grouped(float64(o.Due)) + " failed"
}

// timesSection has the parts of the response times.
func timesSection(r *ancmbench.Result) *Section {
	quantiles := []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999}
	g := page.Grid{Head: []string{"", "p50", "p75", "p90", "p95", "p99", "p99.9", "max", "mean", "samples"}}
	for _, part := range []struct {
		name string
		h    *ancmbench.Histogram
	}{{"response time", r.Response}, {"service time", r.Service}, {"wait for a connection", r.Wait}, {"time to connect", r.Connect}, {"send lag", r.Lag}} {
		if part.h.Count() == 0 {
			continue
		}
		row := []string{part.name}
		for _, q := range quantiles {
			cell := words.Absent
			if d, ok := part.h.Printable(q); ok {
				cell = words.Amount(d.Seconds(), "seconds")
			}
			row = append(row, cell)
		}
		g.Rows = append(g.Rows, append(row, words.Amount(part.h.Max().Seconds(), "seconds"), words.Amount(part.h.Mean().Seconds(), "seconds"), words.Grouped(float64(part.h.Count()))))
	}
	if len(g.Rows) == 0 {
		return nil
	}
	return &Section{ID: "times", Title: "In figures", Tables: []Table{{"", g}}, After: []string{"A percentile is printed only with at least 10 samples beyond it."}}
}

// outcomesSection counts how requests ended.
func outcomesSection(r *ancmbench.Result) *Section {
	o := r.Outcomes
	g := page.Grid{Class: "prose", Rows: [][]string{{"answered as expected", words.Grouped(float64(o.OK))}}}
	for _, status := range slices.Sorted(maps.Keys(o.Status)) {
		g.Rows = append(g.Rows, []string{fmt.Sprintf("answered by status %d", status), words.Grouped(float64(o.Status[status]))})
	}
	for _, f := range r.Failures {
		g.Rows = append(g.Rows, []string{words.Plain(f.Kind) + ": " + words.Plain(f.Cause), words.Grouped(float64(f.Count))})
	}
	for _, one := range []struct {
		name string
		n    int64
	}{{"due and never sent", o.Shed}, {"unfinished", o.Unfinished}, {"sent again on a new connection", o.Stale}} {
		if one.n > 0 {
			g.Rows = append(g.Rows, []string{one.name, words.Grouped(float64(one.n))})
		}
	}
	return &Section{ID: "outcomes", Title: "How requests ended", Tables: []Table{{"", g}}}
}
