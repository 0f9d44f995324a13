package loadgen

import (
	"time"

	"ancmbench"
)

// targetAt gives the target of the slice at a place of a group.
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

// weigh makes the cumulative weights of each target's mix.
func (p *Plan) weigh() {
	for _, t := range p.load.Targets {
		sum := 0.0
		var cumulative []float64
		for _, r := range t.Workload.Requests {
			w := r.Weight
			if w == 0 {
				w = 1
			}
			sum += w
			cumulative = append(cumulative, sum)
		}
		p.weights = append(p.weights, cumulative)
	}
}

// Request gives which request of a target's mix is sent as the nth: a pure
// function of n and the seed, and the same for all targets with one workload.
func (p *Plan) Request(target int, n uint64) int {
	w := p.weights[target]
	if len(w) == 1 {
		return 0
	}
	d := drawsFor(p.load.Arrivals.Seed, forRequest, n)
	x := d.unit() * w[len(w)-1]
	for i, upTo := range w {
		if x < upTo {
			return i
		}
	}
	return len(w) - 1
}

// Gap is the rest between a drain and the next slice.
func (p *Plan) Gap() time.Duration { return p.load.Dealing.Gap.D() }

// Rest waits until a gap has passed since a drain, or stop is closed. A server still
// works when its last answer is here already, and the kernel counts a thread's time when
// it goes to sleep: read at once, that answer's work would be in the next slice. Read
// one after the other, it would be there more for the first arm than for the last (3 %
// of the CPU per request, of two copies of one server at 1,000/s in slices of 50 ms).
func (p *Plan) Rest(drained time.Time, stop <-chan struct{}) {
	(&Waiter{}).Until(drained.Add(p.Gap()), stop)
}

// Timeout is that of one request, from when it was sent, and of a drain.
func (p *Plan) Timeout() time.Duration { return p.load.Timeout.D() }

// Epoch is when a slice begins: as planned, or a gap after the drain of the
// slice before it, or when that slice's edge callback had returned, whichever is
// last, so that a slow callback delays a slice rather than its requests. All are from
// the start of the trial; drained and told are 0 before the first.
func (p *Plan) Epoch(s Segment, drained, told time.Duration) time.Duration {
	if s.Slice > 0 {
		drained += p.Gap()
	}
	return max(s.Start, drained, told)
}
