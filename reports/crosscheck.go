package reports

import (
	"math"

	"ancmbench"
)

// EngineError is the instrument's own error: how far apart two load engines
// read the same server at the same low rate, in the same launches.
type EngineError struct {
	// First is the engine of the run, Second the one that it was held against.
	First  string `json:"first"`
	Second string `json:"second"`
	// Rate is requests per second.
	Rate float64 `json:"rate_per_second"`
	// Ratio is the second's median service time over the first's.
	Ratio    Estimate `json:"ratio"`
	Launches int      `json:"launches"`
}

// engineError compares the cross-check phases of a run; nil if there are none.
func (o *observations) engineError(run *ancmbench.Run) *EngineError {
	var checks []scenario
	for _, s := range o.scenarios {
		if s.kind == ancmbench.CrossCheck {
			checks = append(checks, s)
		}
	}
	if len(checks) != 2 {
		return nil
	}
	e := &EngineError{}
	var logs []float64
	for _, l := range o.launches {
		a, b := o.cell(l, checks[0], run.Targets[0].Name), o.cell(l, checks[1], run.Targets[0].Name)
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
	e.Ratio, e.Launches = ratioOf(student(logs)), len(logs)
	return e
}

// sentence says it for a person.
func (e *EngineError) sentence() string {
	words := "cross-check at " + amount(e.Rate, "per second") + ": the " + e.Second + " engine reads the median service time " +
		times(e.Ratio.Value, e.Ratio.half()) + "x"
	if e.Ratio.Interval != nil {
		words += " " + bounds(e.Ratio)
	}
	return words + " of the " + e.First + " engine's (" + count(e.Launches, "fresh start", "fresh starts") + ")"
}
