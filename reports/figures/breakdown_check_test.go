package figures

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
)

// What is not the same thing is refused, and never found to agree.
func TestRunsThatCannotBeCheckedAreRefused(t *testing.T) {
	other := func(change func(*ancmbench.Run)) *ancmbench.Run {
		run := example.Independent(1, 1).Run()
		change(run)
		return run
	}
	breakdown := example.Ladder().Run()
	for want, run := range map[string]*ancmbench.Run{
		"agrees with itself": example.Ladder().Run(),
		"rate": other(func(r *ancmbench.Run) {
			for i := range r.Results {
				r.Results[i].Arrivals.Rate *= 2
			}
		}),
		"connections": other(func(r *ancmbench.Run) {
			for i := range r.Results {
				r.Results[i].Connections = 64
			}
		}),
		"front":        other(func(r *ancmbench.Run) { r.Targets[1].Front = "nethttp" }),
		"workload":     other(func(r *ancmbench.Run) { r.Profile.Workloads[0].Requests[0].Path = "/bytes/9" }),
		"both models":  other(func(r *ancmbench.Run) { r.Targets[1].Model = ancmbench.Bare }),
		"no breakdown": nil,
	} {
		check, with := breakdown, run
		if run == nil {
			check, with = example.Independent(1, 1).Run(), example.Ladder().Run()
		}
		if got, err := CheckBreakdown(check, with); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", want, got, err)
		}
	}
}
