package gate

import (
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Spread returns, for the gated metrics of a run of a target and its twin, the SD
// over fresh starts of the log ratio: how much two copies of one target differ on
// this host, in this design. A metric with fewer than three fresh starts is left out.
func (g Gate) Spread(run *ancmbench.Run) (map[string]float64, error) {
	launches, err := g.Recorded(run)
	if err != nil {
		return nil, err
	}
	spread, err := SpreadOf(launches)
	for name := range spread {
		if strings.HasSuffix(name, inSlices) {
			delete(spread, name) // the gate does not read it there
		}
	}
	return spread, err
}

// FewestToSpread is the smallest number of fresh starts that give a spread.
const FewestToSpread = 3

// SpreadOf returns the SD of the log ratio of everything in recorded fresh starts, by the
// name that it has there: "response_p50_seconds" as the gate reads it, and with
// "/slices" as the slices of the same fresh starts show it. What fewer than
// FewestToSpread fresh starts have is left out.
func SpreadOf(launches []RecordedLaunch) (map[string]float64, error) {
	logs := map[string][]float64{}
	for _, l := range launches {
		for name, v := range l {
			logs[name] = append(logs[name], math.Log(v[1]/v[0]))
		}
	}
	spread := map[string]float64{}
	for name, xs := range logs {
		if sd, ok := stats.Deviation(xs); ok && len(xs) >= FewestToSpread {
			spread[name] = sd
		}
	}
	return spread, nil
}
