package main

import (
	"errors"
	"fmt"
	"strings"

	"ancmbench"
	"ancmbench/reports/gate"
	"ancmbench/reports/words"
)

// loadMetrics are what a --threshold can bound, by the short names that it is known by.
var loadMetrics = func() []ancmbench.Metric {
	var out []ancmbench.Metric
	times := func(prefix string, of func(*ancmbench.Result) *ancmbench.Histogram) {
		add := func(name string, read func(*ancmbench.Histogram) (float64, bool)) {
			out = append(out, ancmbench.Metric{Name: strings.ReplaceAll(prefix+name, " ", "_") + "_seconds", Title: prefix + name, Unit: "seconds",
				Better: ancmbench.Lower, Read: func(r *ancmbench.Result) (float64, bool) { return read(of(r)) }})
		}
		for _, q := range loadQuantiles {
			add(q.name, func(h *ancmbench.Histogram) (float64, bool) {
				d, ok := h.Printable(q.q)
				return d.Seconds(), ok
			})
		}
		add("max", func(h *ancmbench.Histogram) (float64, bool) { return h.Max().Seconds(), h.Count() > 0 })
		add("mean", func(h *ancmbench.Histogram) (float64, bool) { return h.Mean().Seconds(), h.Count() > 0 })
	}
	response := func(r *ancmbench.Result) *ancmbench.Histogram { return r.Response }
	times("", response)
	times("response ", response)
	times("service ", func(r *ancmbench.Result) *ancmbench.Histogram { return r.Service })
	return append(out, ancmbench.Metric{Name: "throughput_per_second", Title: "throughput", Unit: "per second", Better: ancmbench.Higher,
		Read: func(r *ancmbench.Result) (float64, bool) {
			if r.Busy <= 0 {
				return 0, false
			}
			return float64(r.Outcomes.OK) / r.Busy.Float(), true
		}})
}()

// threshold is one bound, and how to read what it bounds.
type threshold struct {
	gate.Budget
	metric ancmbench.Metric
}

// parseThresholds reads all --threshold flags, and reports all faults at once.
func parseThresholds(texts []string) ([]threshold, error) {
	var out []threshold
	var faults []error
	for _, text := range texts {
		b, m, err := gate.ParseThreshold(text, loadMetrics)
		if err != nil {
			var fault *gate.BudgetFault
			if errors.As(err, &fault) {
				err = fault.Err
			}
			faults = append(faults, fmt.Errorf("--threshold %q: %w", text, err))
			continue
		}
		if b.Penalty || b.Target != "" {
			faults = append(faults, fmt.Errorf("--threshold %q: a load has one target", text))
		}
		out = append(out, threshold{b, m})
	}
	return out, errors.Join(faults...)
}

// holding is a threshold after a load: kept, broken, or undecided because of too few
// requests.
type holding struct {
	Text  string   `json:"threshold"`
	Value *float64 `json:"value"`
	Kept  bool     `json:"kept"`
	unit  string
}

func judge(thresholds []threshold, res *ancmbench.Result) []holding {
	var out []holding
	for _, t := range thresholds {
		h := holding{Text: t.Text, unit: t.metric.Unit}
		if v, ok := t.metric.Read(res); ok {
			h.Value = &v
			h.Kept = v <= t.Bound
			if t.metric.Better == ancmbench.Higher {
				h.Kept = v >= t.Bound
			}
		}
		out = append(out, h)
	}
	return out
}

func (h holding) String() string {
	switch {
	case h.Value == nil:
		return "threshold " + h.Text + ": no decision, fewer than 10 requests lie beyond it"
	case h.Kept:
		return "threshold " + h.Text + ": kept, " + words.Amount(*h.Value, h.unit)
	default:
		return "threshold " + h.Text + ": broken, " + words.Amount(*h.Value, h.unit)
	}
}

// verdict returns the error of broken thresholds, else that of undecided ones, else nil.
func verdict(held []holding) (broken, open error) {
	var brokenOnes, openOnes []string
	for _, h := range held {
		switch {
		case h.Value == nil:
			openOnes = append(openOnes, h.String())
		case !h.Kept:
			brokenOnes = append(brokenOnes, h.String())
		}
	}
	if len(brokenOnes) > 0 {
		broken = coded(exitRegression, "%s", strings.Join(brokenOnes, "; "))
	}
	if len(openOnes) > 0 {
		open = coded(exitUndecided, "%s", strings.Join(openOnes, "; "))
	}
	return broken, open
}
