package figures

import (
	"ancmbench"
)

// OfLoad returns what the Result of a load on one server says, for pictures: it was
// compared with nothing, and started once.
func OfLoad(r *ancmbench.Result) *Analysis {
	a := &Analysis{Baseline: r.Target, Targets: []string{}, Latency: ancmbench.Response, Launches: 1, Models: map[string]ancmbench.Model{}}
	if r.Response.Count() > 0 {
		a.Pooled = []Pooled{{Phase: r.Phase, Workload: r.Workload, Target: r.Target, Latency: r.Response}}
	}
	a.Timeline = &Timeline{Targets: []string{r.Target}}
	if len(r.Series) > 0 {
		a.Timeline.Starts = []TimelineStart{{Length: len(r.Series), Rows: [][]ancmbench.SecondRow{r.Series}}}
		a.Timeline.note(r.Series)
	}
	a.Trust.addChecks(r.Checks)
	return a
}
