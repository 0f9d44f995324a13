package gate

import (
	"ancmbench/reports/stats"
)

// Stretches are gates one after the other along a recording: each takes the
// fresh starts as they came, from its own first look to its decision, and the next
// begins after it. They are as many as the fresh starts give, none is drawn twice, and
// none is taken from another recording; so they are few, and share what the hour
// of the recording was like.
type Stretches struct {
	Recorded     int        `json:"recorded_launches"`
	Plan         stats.Plan `json:"plan"`
	Pass         Rate       `json:"pass"`
	Fail         Rate       `json:"fail"`
	Inconclusive Rate       `json:"inconclusive"`
	// Lengths are the fresh starts of each gate; Left were too few for one more.
	Lengths []int `json:"lengths"`
	Left    int   `json:"launches_left"`
	// Metrics are the gated ones; each within the gates, which end with the first
	// that fails.
	Metrics []MetricRates `json:"metrics"`
}

// Stretches judges the recorded fresh starts in their order. Runs, Seed and Block are
// not used.
func (r Resampling) Stretches() (*Stretches, error) {
	r.Runs, r.Block = 1, 1
	cells, recorded, err := r.cells()
	if err != nil {
		return nil, err
	}
	out := &Stretches{Recorded: len(r.Launches), Plan: r.Gate.Plan.Filled()}
	count := map[Outcome]int{}
	failed, passed := make([]int, len(cells)), make([]int, len(cells))
	f := &following{plan: r.Gate.Plan, tables: map[int]*stats.LookTable{}}
	for from := 0; ; {
		take(cells, recorded, from, out.Plan.Most)
		f.cells, f.launches, f.stopped = cells, 0, false
		if err := f.follow(); err != nil {
			return nil, err
		}
		if !f.stopped && len(r.Launches)-from < out.Plan.Most {
			out.Left = len(r.Launches) - from
			break
		}
		verdicts := verdictsOf(cells, failed, passed)
		count[overall(verdicts)]++
		out.Lengths = append(out.Lengths, f.launches)
		from += max(1, f.launches)
	}
	n := len(out.Lengths)
	out.Pass, out.Fail, out.Inconclusive = RateOf(count[Pass], n), RateOf(count[Fail], n), RateOf(count[Inconclusive], n)
	for i, c := range cells {
		out.Metrics = append(out.Metrics, metricRates(c, recorded[i], failed[i], passed[i], n))
	}
	return out, nil
}

// take fills the cells with the fresh starts that follow each other.
func take(cells []*cell, recorded [][]float64, from, most int) {
	rewind(cells)
	for i, c := range cells {
		for launch, x := range recorded[i][from:min(from+most, len(recorded[i]))] {
			c.keep(launch, x)
		}
	}
}
