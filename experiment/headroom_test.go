package experiment

import (
	"testing"

	"ancmbench"
)

// The rate uses at most headroomShare of the machine. In slices one target is loaded at a
// time, in a duel all of them.
func TestRateLeavesHeadroom(t *testing.T) {
	const cost, cores = 450e-6, 2.0 // s of CPU per request: 2,000/s is 0.9 of 2 cores
	for _, c := range []struct {
		dealing ancmbench.DealingKind
		asked   float64
		fixed   bool
		want    float64 // 0 = as asked
	}{
		{ancmbench.Slices, 2000, false, 0},
		{ancmbench.Slices, 5000, false, 2000},
		{ancmbench.Duel, 2000, false, 1000},
		{ancmbench.Duel, 1000, false, 0},
		{ancmbench.Duel, 5000, true, 0},
		{ancmbench.Duel, 0, false, 1000},
	} {
		r := &runner{run: &ancmbench.Run{}, cfg: Config{RateFixed: c.fixed, Targets: []TargetSpec{{Name: "a", Model: ancmbench.Direct}, {Name: "b", Model: ancmbench.Direct}},
			Profile: ancmbench.Profile{Phases: []ancmbench.Phase{{Kind: ancmbench.Latency, Dealing: ancmbench.Dealing{Kind: c.dealing}}}}}}
		r.run.Host.CoresAllowed = cores
		f := &fit{asked: c.asked}
		r.fitRate(f, cost)
		if f.rate != c.want {
			t.Errorf("%s, %v/s asked: %v/s, want %v", c.dealing, c.asked, f.rate, c.want)
		}
		if warned := len(r.run.Warnings) > 0; warned != (c.want > 0 && c.asked > 0) {
			t.Errorf("%s, %v/s asked: warned is %v", c.dealing, c.asked, warned)
		}
	}
}
