package figures

import (
	"math"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// EngineError is the instrument's own error: how much two load engines differ on the same
// server at the same low rate, in the same fresh starts.
type EngineError struct {
	// First is the engine of the run, Second the one that it is compared with.
	First  string `json:"first"`
	Second string `json:"second"`
	// Rate is requests per second.
	Rate float64 `json:"rate_per_second"`
	// Ratio is the second's median service time over the first's.
	Ratio    stats.Estimate `json:"ratio"`
	Launches int            `json:"launches"`
}

// engineError compares the cross-check phases of a run; nil if there are none.
func (o *Observations) engineError(run *ancmbench.Run) *EngineError {
	var checks []Scenario
	for _, s := range o.Scenarios {
		if s.Kind == ancmbench.CrossCheck {
			checks = append(checks, s)
		}
	}
	if len(checks) != 2 {
		return nil
	}
	e := &EngineError{}
	var logs []float64
	for _, l := range o.Launches {
		a, b := o.Cell(l, checks[0], run.Targets[0].Name), o.Cell(l, checks[1], run.Targets[0].Name)
		if a == nil || b == nil {
			continue
		}
		e.First, e.Second, e.Rate = a.Engine, b.Engine, a.Arrivals.Rate
		x, okX := a.Service.Printable(0.5)
		y, okY := b.Service.Printable(0.5)
		if okX && okY {
			logs = append(logs, math.Log(float64(y)/float64(x)))
		}
	}
	if len(logs) == 0 {
		return nil
	}
	e.Ratio, e.Launches = stats.RatioOf(stats.Student(logs)), len(logs)
	return e
}

// Sentence returns the error in a sentence.
func (e *EngineError) Sentence() string {
	said := "cross-check at " + words.Amount(e.Rate, "per second") + ": the " + e.Second + " engine reads the median service time " +
		words.Times(e.Ratio.Value, e.Ratio.Half()) + "x"
	if e.Ratio.Interval != nil {
		said += " " + stats.Bounds(e.Ratio)
	}
	return said + " of the " + e.First + " engine's (" + words.Count(e.Launches, "fresh start", "fresh starts") + ")"
}
