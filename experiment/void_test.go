package experiment

import (
	"testing"

	"ancmbench"
)

// Why a result does not count is what its requests say: none that was due did not fail.
func TestWhyAResultDoesNotCount(t *testing.T) {
	r := &runner{cfg: Config{Profile: ancmbench.Profile{MaxErrorShare: 0.05}}}
	for name, c := range map[string]struct {
		o    ancmbench.Outcomes
		want string
	}{
		"all well":    {ancmbench.Outcomes{Due: 100, Sent: 100, OK: 100}, ""},
		"a few":       {ancmbench.Outcomes{Due: 100, Sent: 100, OK: 96, Refused: 4}, ""},
		"many":        {ancmbench.Outcomes{Due: 100, Sent: 100, OK: 90, Refused: 10}, ancmbench.VoidErrors},
		"none due":    {ancmbench.Outcomes{}, ancmbench.VoidNothingDue},
		"wrong model": {ancmbench.Outcomes{Due: 1, Sent: 1, WrongModel: 1}, ancmbench.VoidWrongModel},
	} {
		if got := r.void(&ancmbench.Result{Outcomes: c.o}); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
