package gate

import (
	"errors"
	"fmt"
	"math"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
)

const (
	assumed = "assumed"
	// assumedRatio is the SD of a penalty that is assumed where none is known. Two runs with
	// 2.0 and 2.3 differ by 0.14, which is the square root of two times that. Values differ
	// more: 412 and 221 us within 25 minutes.
	assumedRatio = 0.10
	assumedValue = 0.40
	// fewestRuns is the smallest number of runs that give a spread.
	fewestRuns = 3
)

// between returns how much runs differ in a metric.
func (g Gate) between(metric string) stats.BetweenRuns {
	if b, ok := g.BetweenRuns[metric]; ok {
		return b
	}
	if g.Form == AgainstStored {
		return stats.BetweenRuns{SD: assumedValue, From: assumed}
	}
	return stats.BetweenRuns{SD: assumedRatio, From: assumed}
}

// BetweenStored takes the spread from at least three stored runs of one thing, as
// the gate reads each: of the ratios for PenaltyAgainstStored, of the values for
// AgainstStored, and there the largest over the targets. Runs of other settings than
// the first are an error.
func (g Gate) BetweenStored(runs []*ancmbench.Run) (map[string]stats.BetweenRuns, error) {
	if len(runs) < fewestRuns {
		return nil, fmt.Errorf("between runs: %d runs: must be at least %d", len(runs), fewestRuns)
	}
	type key struct{ metric, target, workload string }
	means := map[key][]float64{}
	var faults []error
	for i, run := range runs {
		if err := g.check(run, runs[0]); err != nil {
			return nil, err
		}
		o := figures.Observe(run)
		cells, err := g.cells(&Verdict{}, run, runs[0], o)
		if err != nil {
			return nil, err
		}
		for _, s := range g.unlike(run, runs[0], o, cells) {
			faults = append(faults, fmt.Errorf("between runs: run %d is not like the first: %s", i+1, s))
		}
		for _, c := range cells {
			if c.Budget == nil && len(c.Logs) > 0 {
				k := key{c.Metric, c.Target, c.Workload}
				means[k] = append(means[k], stats.Mean(c.Logs))
			}
		}
	}
	out := map[string]stats.BetweenRuns{}
	for k, xs := range means {
		out[k.metric] = wider(out[k.metric], xs, fmt.Sprintf("%d stored runs", len(xs)))
	}
	return out, errors.Join(faults...)
}

// BetweenHistory takes the spread of the ratios from history.jsonl: of complete runs
// on the same kind of host, with the subject, profile, phase, target and rate of the
// stored run. What fewer than three runs have is not in the map.
func (g Gate) BetweenHistory(entries []figures.HistoryEntry, stored *ancmbench.Run) (map[string]stats.BetweenRuns, error) {
	if err := g.check(stored, stored); err != nil {
		return nil, err
	}
	cells, err := g.cells(&Verdict{}, stored, stored, figures.Observe(stored))
	if err != nil {
		return nil, err
	}
	out := map[string]stats.BetweenRuns{}
	for _, c := range cells {
		var logs []float64
		for _, e := range entries {
			if !e.Host.Is(stored.Host) || e.Subject != stored.Subject || e.Profile != stored.Profile.Name || e.State != ancmbench.Complete {
				continue
			}
			for _, v := range e.Values {
				same := v.Metric == c.Metric && v.Phase == c.Phase && v.Workload == c.Workload && v.Target == c.Target && math.Abs(v.Rate-c.Rate) <= 0.01*c.Rate
				if x, ok := historyLog(v, g.Form); same && ok && (g.Form == AgainstStored || e.Baseline == stored.Targets[0].Name) {
					logs = append(logs, x)
				}
			}
		}
		if len(logs) >= fewestRuns {
			out[c.Metric] = wider(out[c.Metric], logs, fmt.Sprintf("%d runs of the history", len(logs)))
		}
	}
	return out, nil
}

// historyLog returns what a gate of the form compares.
func historyLog(v figures.HistoryValue, form Form) (float64, bool) {
	x := v.Value
	if form != AgainstStored {
		x /= v.Base
	}
	return math.Log(x), x > 0 && !math.IsInf(x, 0)
}

// wider returns the largest of several spreads.
func wider(b stats.BetweenRuns, means []float64, from string) stats.BetweenRuns {
	if _, v := stats.MeanVariance(means); len(means) >= fewestRuns && !(math.Sqrt(v) <= b.SD && b.Runs > 0) {
		return stats.BetweenRuns{SD: math.Sqrt(v), Runs: len(means), From: from}
	}
	return b
}
