package experiment

import (
	"testing"

	"ancmbench"
)

// A memory phase keeps the warnings that matter for memory, and not those of times or of a
// rate that is slightly too low.
func TestMemoryPhaseHasNoWarningsOfTime(t *testing.T) {
	res := ancmbench.Result{Warnings: []ancmbench.Warning{
		{Code: ancmbench.WarnLag}, {Code: ancmbench.WarnWaited}, {Code: ancmbench.WarnFewConnections}, {Code: ancmbench.WarnArrivals}, {Code: ancmbench.WarnErrors},
		{Code: ancmbench.WarnRateNotReached, Value: 950, Bound: 1000}, {Code: ancmbench.WarnRateNotReached, Value: 700, Bound: 1000}}}
	withoutTimes(&res)
	if w := res.Warnings; len(w) != 2 || w[0].Code != ancmbench.WarnErrors || w[1].Value != 700 {
		t.Errorf("left: %+v", w)
	}
}
