package experiment

import (
	"fmt"
	"slices"
	"time"

	"ancmbench"
)

// fit holds what the first warm-up decides for the whole run: the length of a slice,
// whether slices can be used at all, and the rate that the host can sustain.
type fit struct {
	slice      time.Duration
	continuous bool
	rate       float64 // 0 = as planned
	asked      float64
}

// apply fills in the rate and the slices that a load leaves open.
func (f *fit) apply(l *ancmbench.Load) {
	if f.rate > 0 && l.Arrivals.Open() && l.Arrivals.Rate == f.asked {
		l.Arrivals.Rate = f.rate // a phase with a rate of its own keeps it
	}
	if l.Dealing.Kind != ancmbench.Slices {
		return
	}
	if f.continuous {
		// Two mirrored blocks per target: ABBA.
		l.Dealing.Slice, l.Dealing.Mirrored = l.Duration/2, true
		return
	}
	if l.Dealing.Slice == 0 || l.Dealing.Slice.D() < f.slice {
		l.Dealing.Slice = ancmbench.Seconds(f.slice)
	}
	// At least two slices per target, so that there is something to alternate.
	l.Dealing.Slice = min(l.Dealing.Slice, l.Duration/2)
}

// fitFrom returns the fit for the last warm-up window. A slice is max(50 ms, 100 x p50,
// 20 x connections / throughput) long, so that settling is a small part of it. The rate
// uses at most headroomShare of the machine.
func (r *runner) fitFrom(window []ancmbench.Result) *fit {
	f := &fit{slice: 50 * time.Millisecond, asked: r.cfg.Profile.Rate}
	costliest := 0.0
	for i := range window {
		res := &window[i]
		if p50, ok := windowMedian(res); ok {
			// With c connections busy each answer takes p50 at least, so the throughput
			// is at most c / p50, and the rule's third term at least 20 x p50.
			f.slice = max(f.slice, 100*p50)
		}
		if cost, ok := machinePerRequest(res, !r.cfg.apart()); ok {
			costliest = max(costliest, cost)
		}
	}
	if f.slice > longSlice {
		f.continuous = true
		r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnContinuous,
			Value: f.slice.Seconds(), Bound: longSlice.Seconds(), Detail: r.shortBlocks(f.slice / 100)})
	}
	r.fitRate(f, costliest)
	return f
}

// shortBlocks returns a sentence if the longest latency phase is too short for its two
// blocks to show queueing as a long phase does, and "" otherwise. If requests queue, the
// median of a closed loop is the service time of as many requests as connections.
func (r *runner) shortBlocks(median time.Duration) string {
	service := median / time.Duration(max(1, r.cfg.Profile.Connections))
	need, have := 2*blockServices*service, time.Duration(0)
	for _, ph := range r.cfg.Profile.Phases {
		if ph.Kind == ancmbench.Latency {
			have = max(have, ph.Duration.D())
		}
	}
	if have >= need {
		return ""
	}
	return fmt.Sprintf("; if its requests queue for one worker, a phase of %v shows them waiting less than callers would: %v is needed",
		have, need.Round(100*time.Millisecond))
}

// fitRate lowers the rate of bundled models to what the host can sustain, or chooses the
// rate if the profile leaves it open.
func (r *runner) fitRate(f *fit, costliest float64) {
	if r.cfg.RateFixed || r.cfg.touchesOthers() || costliest == 0 {
		return
	}
	limit := headroomShare * r.serverCores() / costliest
	if r.duels() {
		limit /= float64(len(r.cfg.Targets)) // all at the same instant, each at the rate
	}
	switch {
	case f.asked == 0:
		f.rate = niceBelow(min(limit, openRate))
	case f.asked > limit:
		f.rate = niceBelow(limit)
		r.run.Warnings = append(r.run.Warnings, ancmbench.Warning{Code: ancmbench.WarnHeadroom,
			Value: f.rate, Bound: f.asked})
	}
}

// duels reports whether some phase loads all targets at the same time.
func (r *runner) duels() bool {
	return slices.ContainsFunc(r.cfg.Profile.Phases, func(ph ancmbench.Phase) bool { return ph.Dealing.Kind == ancmbench.Duel })
}

// openRate limits a rate that the program chooses. At higher rates a penalty shows
// saturation rather than the cost of the hop.
const openRate = 1000

// niceBelow returns the largest of 1, 2, 5 x 10^k that is not above x, and at least 1.
func niceBelow(x float64) float64 {
	best := 1.0
	for decade := 1.0; decade <= x; decade *= 10 {
		for _, m := range []float64{1, 2, 5} {
			if decade*m <= x {
				best = decade * m
			}
		}
	}
	return best
}

// machinePerRequest returns all CPU time used in the target's slices per request, with the
// generator's if that shares the machine. ok is false if a role's CPU
// is unknown or nothing was sent.
func machinePerRequest(res *ancmbench.Result, generator bool) (float64, bool) {
	var sum ancmbench.Seconds
	for _, u := range res.Usage {
		if u.Role == ancmbench.GeneratorRole && !generator {
			continue
		}
		if u.CPU == nil {
			return 0, false
		}
		sum += u.CPU.Own
	}
	if res.Outcomes.Sent == 0 {
		return 0, false
	}
	return sum.Float() / float64(res.Outcomes.Sent), true
}
