package figures

import (
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Precision is the requested width of the headline's interval, as a share. With 0.02 a run
// stops at the first planned look at which the 95 % interval of every target's median
// latency ratio is within 2 % of it.
type Precision float64

// precisionLooks are the numbers of fresh starts at which a run may stop for being precise
// enough. Looking after each of them would stop where the spread happens to look small, and
// only 91 % of the intervals would contain the true value. With these looks it is 93 to 95
// %, for any spread (simulated; a first look at 6 gives 92.5 %).
var precisionLooks = []int{8, 12, 18, 27, 40, 60}

// Reached reports whether the run may stop. It is false between the looks, and
// takes a run that is still growing.
func (p Precision) Reached(run *ancmbench.Run) bool {
	if run == nil || len(run.Targets) < 2 {
		return false
	}
	metric, ok := ancmbench.MetricByName(ancmbench.LatencyName(LatencyHeadline(run), 0.5))
	if !ok {
		return false
	}
	o := Observe(run)
	at := o.Choose(metric, run.Targets[0].Name, "", true)
	seen := false
	for _, t := range run.Targets[1:] {
		if t.TwinOf != "" {
			continue
		}
		if seen = true; !p.reached(o.State(metric, at[0], run.Targets[0].Name, t.Name).logs()) {
			return false
		}
	}
	return seen
}

func (p Precision) reached(logs []float64) bool {
	if !slices.Contains(precisionLooks, len(logs)) {
		return false
	}
	i := stats.Student(logs).Interval
	return (i.High-i.Low)/2 <= math.Log1p(float64(p))
}
