package reports

import (
	"math"
	"strings"

	"github.com/montanaflynn/stats"

	"ancmbench"
)

// Spread gives, for the gated metrics of a run of a target and its twin, the SD
// over launches of the log ratio: how far two copies of one thing come apart on
// this host, in this design. A metric with fewer than three launches is left out.
func (g Gate) Spread(run *ancmbench.Run) (map[string]float64, error) {
	launches, err := g.Recorded(run)
	if err != nil {
		return nil, err
	}
	logs := map[string][]float64{}
	for _, l := range launches {
		for name, v := range l {
			if strings.HasSuffix(name, inSlices) {
				continue // the gate does not read it there
			}
			logs[name] = append(logs[name], math.Log(v[1]/v[0]))
		}
	}
	spread := map[string]float64{}
	for name, xs := range logs {
		if len(xs) < 3 {
			continue
		}
		if spread[name], err = stats.StandardDeviationSample(xs); err != nil {
			return nil, err
		}
	}
	return spread, nil
}
