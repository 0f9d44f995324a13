package loadgen

import (
	"time"

	"ancmbench"
)

// targetAt returns the target of the slice at a place of a group, or -1 in a Duel.
func (p *Plan) targetAt(group, place int) int {
	d := p.load.Dealing
	switch {
	case d.Kind == ancmbench.Duel:
		return -1
	case d.Kind == ancmbench.Single:
		return 0
	case d.Mirrored && group%2 == 1:
		return p.k - 1 - place
	case d.Mirrored:
		return place
	default:
		var o order
		o.shuffle(d.Seed, uint64(group), p.k)
		return int(o[place])
	}
}

// Request returns which request the nth one to a target is, as an index in the list of
// Prepare. It is a pure function of n and the seed, and the same for all targets with the
// same workload.
func (p *Plan) Request(target int, n uint64) int {
	return p.choices[target].at(p.load.Arrivals.Seed, n)
}

// Gap returns the pause between a drain and the next slice.
func (p *Plan) Gap() time.Duration { return p.load.Dealing.Gap.D() }

// Rest waits until a gap has passed since a drain, or stop is closed. A server still
// works after its last answer has arrived, and the kernel counts a thread's time only
// when it goes to sleep. Counters that are read at once would charge that work to the
// next slice, and more of it for the first target read than for the last: 3 % of the CPU
// per request, for two copies of one server at 1,000/s in slices of 50 ms.
//
// One generator of several does not rest: its timetable has the gap.
func (p *Plan) Rest(drained time.Time, stop <-chan struct{}) {
	if p.Joint() {
		return
	}
	(&Waiter{}).Until(drained.Add(p.Gap()), stop)
}

// Timeout returns the limit for one request, from when it was sent, and for a drain.
func (p *Plan) Timeout() time.Duration { return p.load.Timeout.D() }

// Epoch returns when a slice begins: the latest of its planned start, a gap after the
// previous slice was drained, and the return of the previous slice's edge callback. So a
// slow callback delays a whole slice rather than its requests. All times are from the
// start of the trial; drained and returned are 0 before the first slice. A slice of one
// generator of several begins as planned, whatever came before: what falls due before this
// generator has drained is sent late.
func (p *Plan) Epoch(s Segment, drained, returned time.Duration) time.Duration {
	if p.Joint() {
		return s.Start
	}
	if s.Slice > 0 {
		drained += p.Gap()
	}
	return max(s.Start, drained, returned)
}
