package figures

import (
	"cmp"
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/reports/words"
)

// ReasonCount is how often a trial was discarded for one reason.
type ReasonCount struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	// Failures are how requests of these trials failed, the most frequent first.
	Failures []ancmbench.Failure `json:"failures,omitempty"`
}

// Words are the reason, how often, and how the requests failed: "too many errors 8 times:
// 142 connection refused".
func (r ReasonCount) Words() string {
	s := words.Plain(r.Reason) + " " + words.Count(r.Count, "time", "times")
	if said := FailureWords(r.Failures); said != "" {
		s += ": " + said
	}
	return s
}

// mostCauses are named of many.
const mostCauses = 3

// FailureWords name the most frequent failures with their counts; "" for none.
func FailureWords(failures []ancmbench.Failure) string {
	var said []string
	for i, f := range failures {
		if i == mostCauses {
			said = append(said, "others")
			break
		}
		said = append(said, words.Grouped(float64(f.Count))+" "+words.Plain(f.Cause))
	}
	return words.List(said)
}

// failuresOf are the ways in which the requests of a result failed: as the generator
// named them, and of files that name none, and of requests that were not sent, by what
// was counted.
func failuresOf(r *ancmbench.Result) []ancmbench.Failure {
	var out []ancmbench.Failure
	named := map[string]bool{}
	for _, f := range r.Failures {
		named[f.Kind] = true
		out = append(out, f)
	}
	add := func(kind, cause string, n int64) {
		if n > 0 && !named[kind] {
			out = append(out, ancmbench.Failure{Kind: kind, Cause: cause, Count: n})
		}
	}
	o := r.Outcomes
	if !named["status"] {
		for status, n := range o.Status {
			out = append(out, ancmbench.Failure{Kind: "status", Cause: fmt.Sprint("answered by ", status), Count: n})
		}
	}
	add("refused", "connection refused", o.Refused)
	add("reset", "connection reset", o.Reset)
	add("timeout", "no whole answer in time", o.Timeout)
	add("malformed", "malformed answer", o.Malformed)
	add("closed_early", "connection closed before the end of the answer", o.ClosedEarly)
	add("failed", "failed", o.Failed)
	add("wrong_model", "answer of another model", o.WrongModel)
	add("wrong_answer", "another body or field than expected", o.WrongAnswer)
	add("unfinished", "in flight when the load ended", o.Unfinished)
	add("shed", "due and not sent", o.Shed)
	return out
}

// addFailures adds counts of one list to another, and sorts it.
func addFailures(sum, more []ancmbench.Failure) []ancmbench.Failure {
	for _, f := range more {
		i := slices.IndexFunc(sum, func(x ancmbench.Failure) bool { return x.Kind == f.Kind && x.Cause == f.Cause })
		if i < 0 {
			sum = append(sum, f)
		} else {
			sum[i].Count += f.Count
		}
	}
	slices.SortStableFunc(sum, func(a, b ancmbench.Failure) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return sum
}

// Discarded are the reasons for which trials of a run were discarded, in the order met:
// of the targets of one trial together, each attempt once.
func Discarded(run *ancmbench.Run) []ReasonCount {
	var out []ReasonCount
	tries, most := map[[2]any]int{}, map[int]int{}
	for i := range run.Results {
		r := &run.Results[i]
		if r.Void == "" {
			continue
		}
		at := slices.IndexFunc(out, func(x ReasonCount) bool { return x.Reason == r.Void })
		if at < 0 {
			at = len(out)
			out = append(out, ReasonCount{Reason: r.Void})
		}
		key := [2]any{r.Trial, r.Target}
		if tries[key]++; tries[key] > most[r.Trial] {
			most[r.Trial]++
			out[at].Count++
		}
		out[at].Failures = addFailures(out[at].Failures, failuresOf(r))
	}
	return slices.DeleteFunc(out, func(r ReasonCount) bool { return r.Count == 0 })
}

// gone are the targets that no longer answered when they were last asked: whose last
// requests failed for the most part by the connection, so that the trial was discarded.
func gone(run *ancmbench.Run) []string {
	var out []string
	for _, t := range run.Targets {
		var last *ancmbench.Result
		for i := range run.Results {
			if r := &run.Results[i]; r.Target == t.Name && r.Outcomes.Due > 0 && r.PhaseKind != ancmbench.Recovery {
				last = r
			}
		}
		if last == nil || last.Void != ancmbench.VoidErrors {
			continue
		}
		o := last.Outcomes
		if lost := o.Refused + o.Reset + o.ClosedEarly + o.Timeout + o.Failed; lost > 0 && lost >= o.OK && 2*lost >= o.Sent { // half, as where a load is stopped
			out = append(out, t.Name)
		}
	}
	return out
}
