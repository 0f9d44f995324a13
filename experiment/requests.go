package experiment

import (
	"errors"
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/loadgen"
)

// workloadOf returns what a target is asked by a workload of the profile; the first if none
// has the name. The target's own path replaces that of the requests.
func (c Config) workloadOf(s TargetSpec, name string) ancmbench.Workload {
	w := c.Profile.Workloads[0]
	for _, one := range c.Profile.Workloads {
		if one.Name == name {
			w = one
			break
		}
	}
	if s.Path != "" {
		w.Requests = slices.Clone(w.Requests)
		for i := range w.Requests {
			w.Requests[i].Path = s.Path
		}
	}
	return w
}

// FirstRequests returns the target with each workload that it is asked in the phases of the
// profile, in their order; with its own workload alone, if it has one.
func (c Config) FirstRequests(s TargetSpec, t ancmbench.Target) []ancmbench.Target {
	if t.Workload.Requests != nil {
		return []ancmbench.Target{t}
	}
	var out []ancmbench.Target
	var seen []string
	for _, ph := range c.Profile.Phases {
		if !carries(s, ph, c.FindPeak) {
			continue
		}
		one := t
		one.Workload = c.workloadOf(s, ph.Workload)
		if !slices.Contains(seen, one.Workload.Name) {
			seen, out = append(seen, one.Workload.Name), append(out, one)
		}
	}
	return out
}

// ErrFailing is wrapped by the error of a run that ended because a server that we did not
// start failed most requests.
var ErrFailing = errors.New("the load was stopped")

// failingShare is the share of failed requests beyond which a server that we did not start
// gets no further load. Below it the load stops as well, but the trial may be repeated.
const failingShare = 0.5

// failing returns an error that wraps ErrFailing if an engine stopped because of errors, and
// most requests to a server that we did not start had failed.
func failing(live []*target, results []ancmbench.Result, stopped error) error {
	if !errors.Is(stopped, loadgen.ErrErrors) || len(results) != len(live) {
		return nil
	}
	for i, a := range live {
		o := results[i].Outcomes
		// An answer of another model does no harm to its server, and has its own verdict.
		if failed := o.Errors() - o.WrongModel; !a.spec.Foreign() || float64(failed) < failingShare*float64(o.Due) || o.Due == 0 {
			continue
		}
		cause := "no answer"
		if f := results[i].Failures; len(f) > 0 {
			cause = f[0].Cause
		}
		return fmt.Errorf("target %s: %d of %d requests failed (%s): %w, because ancmbench did not start this server", a.spec.Name, o.Errors(), o.Due, cause, ErrFailing)
	}
	return nil
}
