package reports

import (
	"errors"
	"fmt"
	"math"

	"ancmbench"
)

// BetweenRuns is how far runs of one thing lie apart, beside what their launches
// show: the hour has an effect on a run that all its launches share, and no number
// of them tells. Quiet runs an hour apart moved a penalty from 2.0 to 2.3.
type BetweenRuns struct {
	// SD is that of the runs' mean log ratios, or mean log values.
	SD float64 `json:"sd_log"`
	// Runs that it was taken from; 0 where it was given or assumed, and then it is
	// taken as known.
	Runs int    `json:"runs,omitempty"`
	From string `json:"from"`
}

const (
	assumed = "assumed"
	// assumedRatio is the SD of a penalty where nobody knows it: two runs of 2.0 and
	// 2.3 differ by 0.14, which is the square root of two times that. Values move more:
	// 412 to 221 us within 25 minutes (MEASURING.md, "Two models").
	assumedRatio = 0.10
	assumedValue = 0.40
	// fewestRuns from which a spread is taken.
	fewestRuns = 3
)

// between is what runs of a metric lie apart by.
func (g Gate) between(metric string) BetweenRuns {
	if b, ok := g.BetweenRuns[metric]; ok {
		return b
	}
	if g.Form == AgainstStored {
		return BetweenRuns{SD: assumedValue, From: assumed}
	}
	return BetweenRuns{SD: assumedRatio, From: assumed}
}

// BetweenStored takes the spread from at least three stored runs of one thing, as
// the gate reads each: of the ratios for PenaltyAgainstStored, of the values for
// AgainstStored, and there the largest over the targets. Runs of other settings than
// the first are an error.
func (g Gate) BetweenStored(runs []*ancmbench.Run) (map[string]BetweenRuns, error) {
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
		o := observe(run)
		cells, err := g.cells(&Verdict{}, run, runs[0], o)
		if err != nil {
			return nil, err
		}
		for _, s := range g.unlike(run, runs[0], o, cells) {
			faults = append(faults, fmt.Errorf("between runs: run %d is not like the first: %s", i+1, s))
		}
		for _, c := range cells {
			if c.Budget == nil && len(c.logs) > 0 {
				k := key{c.Metric, c.Target, c.Workload}
				means[k] = append(means[k], mean0(c.logs))
			}
		}
	}
	out := map[string]BetweenRuns{}
	for k, xs := range means {
		out[k.metric] = wider(out[k.metric], xs, fmt.Sprintf("%d stored runs", len(xs)))
	}
	return out, errors.Join(faults...)
}

// BetweenHistory takes the spread of the ratios from history.jsonl: of complete runs
// on the same kind of host, with the subject, profile, phase, target and rate of the
// stored run. What fewer than three runs have is not in the map.
func (g Gate) BetweenHistory(entries []HistoryEntry, stored *ancmbench.Run) (map[string]BetweenRuns, error) {
	if err := g.check(stored, stored); err != nil {
		return nil, err
	}
	cells, err := g.cells(&Verdict{}, stored, stored, observe(stored))
	if err != nil {
		return nil, err
	}
	host := HistoryHost{stored.Host.OS, stored.Host.Arch, stored.Host.CPUModel, stored.Host.Cores}
	out := map[string]BetweenRuns{}
	for _, c := range cells {
		var logs []float64
		for _, e := range entries {
			if e.Host != host || e.Subject != stored.Subject || e.Profile != stored.Profile.Name || e.State != ancmbench.Complete {
				continue
			}
			for _, v := range e.Values {
				same := v.Metric == c.Metric && v.Phase == c.Phase && v.Workload == c.Workload && v.Target == c.Target && math.Abs(v.Rate-c.Rate) <= 0.01*c.Rate
				if x, ok := v.log(g.Form); same && ok && (g.Form == AgainstStored || e.Baseline == stored.Targets[0].Name) {
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

// log is what a gate of the form compares.
func (v HistoryValue) log(form Form) (float64, bool) {
	x := v.Value
	if form != AgainstStored {
		x /= v.Base
	}
	return math.Log(x), x > 0 && !math.IsInf(x, 0)
}

// wider keeps the larger spread of several.
func wider(b BetweenRuns, means []float64, from string) BetweenRuns {
	if _, v := meanVariance(means); len(means) >= fewestRuns && !(math.Sqrt(v) <= b.SD && b.Runs > 0) {
		return BetweenRuns{SD: math.Sqrt(v), Runs: len(means), From: from}
	}
	return b
}
