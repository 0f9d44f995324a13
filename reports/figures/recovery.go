package figures

import (
	"fmt"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Recovered says how a target recovered after one of its processes was killed under load,
// and how many requests that cost.
type Recovered struct {
	Phase  string `json:"phase"`
	Target string `json:"target"`
	// Killed is the role whose process was killed.
	Killed string `json:"killed"`
	// Time is from the kill to the last byte of the next right answer: the
	// geometric mean over fresh starts, in seconds.
	Time     stats.Estimate `json:"recovery_seconds"`
	Launches int            `json:"launches"`
	// Rate is that of the load, per second; Sent is how many requests it sent in
	// all launches.
	Rate float64 `json:"rate_per_second"`
	Sent int64   `json:"sent"`
	// Lost are the requests without a right answer, in all fresh starts; ByKind splits
	// them: "reset", "refused", "502", "timed out".
	Lost   int64            `json:"lost"`
	ByKind map[string]int64 `json:"lost_by_kind"`
	// Retried requests found their connection closed before any byte of an answer,
	// and were sent once more.
	Retried int64 `json:"retried"`
}

// recoveries returns the recoveries in the order of phases and targets.
func (o *Observations) recoveries(run *ancmbench.Run) []Recovered {
	var out []Recovered
	for _, s := range o.Scenarios {
		if s.Kind != ancmbench.Recovery {
			continue
		}
		for _, t := range run.Targets {
			r := Recovered{Phase: s.Phase, Target: t.Name, Killed: killedIn(run, s.Phase), ByKind: map[string]int64{}}
			var times []float64
			for _, res := range o.Series(s, t.Name) {
				if len(res.Instants) == 0 {
					continue
				}
				times = append(times, res.Instants[0].Float())
				r.Rate = OpenRate(res)
				r.Sent += res.Outcomes.Sent
				r.Lost += res.Outcomes.Errors()
				r.Retried += res.Outcomes.Stale
				countKinds(r.ByKind, res.Outcomes)
			}
			if r.Launches = len(times); r.Launches > 0 {
				r.Time = *Center(times)
				out = append(out, r)
			}
		}
	}
	return out
}

func killedIn(run *ancmbench.Run, phase string) string {
	for _, ph := range run.Profile.Phases {
		if ph.Name == phase {
			return ph.Kill
		}
	}
	return ""
}

// countKinds adds up the failed requests by kind; their sum is Outcomes.Errors.
func countKinds(into map[string]int64, o ancmbench.Outcomes) {
	for kind, n := range map[string]int64{"not sent": o.Shed, "wrong model": o.WrongModel, "wrong answer": o.WrongAnswer,
		"refused": o.Refused, "reset": o.Reset, "timed out": o.Timeout, "malformed": o.Malformed,
		"closed early": o.ClosedEarly, "failed": o.Failed, "unfinished": o.Unfinished} {
		if n > 0 {
			into[kind] += n
		}
	}
	for status, n := range o.Status {
		into[fmt.Sprint(status)] += n
	}
}
