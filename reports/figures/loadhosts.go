package figures

import (
	"ancmbench"
)

// LoadHost is what one load host did and saw in all valid trials of a run after the warm-up.
// No percentile is averaged: those of the trials have a least and a most.
type LoadHost struct {
	Name         string
	Sent, Failed int64
	// P50Least and P50Most are of the trials that have a latency; 0 if none has enough
	// requests. P99Most and LagP99Most are the largest of those trials.
	P50Least, P50Most, P99Most, LagP99Most ancmbench.Seconds
	// CPU is the generator's per request in seconds; 0 if it is not known.
	CPU float64
	// Offset is the last estimate of its clock against the coordinator's, and Uncertainty
	// the worst.
	Offset, Uncertainty ancmbench.Seconds
	// Slower is in how many of Trials its median was longer than that of the others;
	// Discarded how many were discarded because of it.
	Slower, Trials, Discarded int
}

// LoadHosts returns the load hosts of a run by their numbers; nil if the load came from the
// coordinator alone.
func LoadHosts(run *ancmbench.Run) []LoadHost {
	var out []LoadHost
	index := map[string]int{}
	cpu := map[string]float64{}
	for i := range run.Results {
		res := &run.Results[i]
		if res.PhaseKind == ancmbench.WarmUp {
			continue
		}
		for k := range res.LoadHosts {
			h := &res.LoadHosts[k]
			at, known := index[h.Name]
			if !known {
				at = len(out)
				index[h.Name] = at
				out = append(out, LoadHost{Name: h.Name})
			}
			o := &out[at]
			for _, c := range h.Clocks {
				o.Offset, o.Uncertainty = c.Offset, max(o.Uncertainty, c.Uncertainty)
			}
			if h.Void != "" {
				o.Discarded++
			}
			if res.Void == "" {
				o.add(h, res)
				if h.CPU != nil {
					cpu[h.Name] += h.CPU.Float()
				}
			}
		}
	}
	for i := range out {
		if out[i].Sent > 0 {
			out[i].CPU = cpu[out[i].Name] / float64(out[i].Sent)
		}
	}
	return out
}

// add adds the host's part of a valid result.
func (o *LoadHost) add(h *ancmbench.LoadHost, res *ancmbench.Result) {
	o.Sent += h.Outcomes.Sent
	o.Failed += h.Outcomes.Errors()
	o.Trials++
	for _, w := range res.Warnings {
		if w.Code == ancmbench.WarnLoadHostSlower && w.Detail == h.Name {
			o.Slower++
		}
	}
	if res.PhaseKind != ancmbench.Latency || h.P50 == 0 {
		return
	}
	if o.P50Least == 0 {
		o.P50Least = h.P50
	}
	o.P50Least, o.P50Most = min(o.P50Least, h.P50), max(o.P50Most, h.P50)
	o.P99Most, o.LagP99Most = max(o.P99Most, h.P99), max(o.LagP99Most, h.LagP99)
}
