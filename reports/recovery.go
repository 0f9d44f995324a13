package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ancmbench"
)

// Recovered says how a target came back after one of its processes was killed
// under load, and what that cost in requests.
type Recovered struct {
	Phase  string `json:"phase"`
	Target string `json:"target"`
	// Killed is the role whose process was killed.
	Killed string `json:"killed"`
	// Time is from the kill to the last byte of the next right answer: the
	// geometric mean over launches, in seconds.
	Time     Estimate `json:"recovery_seconds"`
	Launches int      `json:"launches"`
	// Rate is that of the load, per second; Sent is how many requests it sent in
	// all launches.
	Rate float64 `json:"rate_per_second"`
	Sent int64   `json:"sent"`
	// Lost are the requests without a right answer, in all launches; ByKind splits
	// them: "reset", "refused", "502", "timed out".
	Lost   int64            `json:"lost"`
	ByKind map[string]int64 `json:"lost_by_kind"`
	// Retried requests found their connection closed before any byte of an answer,
	// and were sent once more.
	Retried int64 `json:"retried"`
}

// recoveries are in the order of phases and targets.
func (o *observations) recoveries(run *ancmbench.Run) []Recovered {
	var out []Recovered
	for _, s := range o.scenarios {
		if s.kind != ancmbench.Recovery {
			continue
		}
		for _, t := range run.Targets {
			r := Recovered{Phase: s.phase, Target: t.Name, Killed: killedIn(run, s.phase), ByKind: map[string]int64{}}
			var times []float64
			for _, res := range o.series(s, t.Name) {
				if len(res.Instants) == 0 {
					continue
				}
				times = append(times, res.Instants[0].Float())
				r.Rate = openRate(res)
				r.Sent += res.Outcomes.Sent
				r.Lost += res.Outcomes.Errors()
				r.Retried += res.Outcomes.Stale
				countKinds(r.ByKind, res.Outcomes)
			}
			if r.Launches = len(times); r.Launches > 0 {
				r.Time = *center(times)
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

// countKinds adds what did not end well, by kind; their sum is Outcomes.Errors.
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

// kinds writes "12 reset, 3 502", the most frequent first.
func (r Recovered) kinds() string {
	names := slices.SortedFunc(maps.Keys(r.ByKind), func(a, b string) int {
		if r.ByKind[a] != r.ByKind[b] {
			return int(r.ByKind[b] - r.ByKind[a])
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		words := name
		if len(name) == 3 && name[0] >= '1' && name[0] <= '5' {
			words = "answered " + name
		}
		names[i] = grouped(float64(r.ByKind[name])) + " " + words
	}
	text := list(names)
	if text == "" {
		text = "none"
	}
	if r.Retried > 0 {
		text += "; " + grouped(float64(r.Retried)) + " sent again on a new connection"
	}
	return text
}

// line is the row of a table: the target and what was killed, the time, what was lost.
func (r Recovered) line() []string {
	time := amount(r.Time.Value, "seconds")
	if r.Time.Interval != nil {
		time += fmt.Sprintf(" [%s, %s]", amount(r.Time.Interval.Low, "seconds"), amount(r.Time.Interval.High, "seconds"))
	}
	per := fmt.Sprintf("%.1f of %s", float64(r.Lost)/float64(r.Launches), grouped(float64(r.Sent)/float64(r.Launches)))
	return []string{plain(r.Target), plain(r.Killed), time, per, r.kinds()}
}

var recoveryHead = []string{"target", "killed", "time to the next answer [95 %]", "lost per kill", "lost in all, by kind"}

// recoveryGrid is nil when nothing was killed.
func recoveryGrid(a *Analysis) *grid {
	if len(a.Recoveries) == 0 {
		return nil
	}
	g := &grid{Head: recoveryHead, Class: "words"}
	for _, r := range a.Recoveries {
		g.Rows = append(g.Rows, r.line())
	}
	return g
}
