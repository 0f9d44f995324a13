package loadgen

import (
	"context"
	"time"

	"ancmbench"
)

// Joint is an Engine that can carry out its part of a load together with other generators.
type Joint interface {
	Engine
	// RunJoint is Run for a load with a Part. It calls begin once, when its connections
	// are open. begin waits until the other generators are ready as well and returns the
	// instant of the first slice; every further slice begins at its planned time after
	// that. RunJoint fails if begin does. The edge of a slice may be told after the next
	// slice's planned begin, if the drain took that long.
	RunJoint(ctx context.Context, load ancmbench.Load, begin func() (time.Time, error), edge func(Edge)) ([]ancmbench.Result, error)
}

// partOf returns the load with the numbers of connections, requests and waiting requests
// that its Part has. The first generators take what cannot be divided.
func partOf(load ancmbench.Load) ancmbench.Load {
	if load.Part == nil {
		return load
	}
	i, of := load.Part.Index, load.Part.Of
	load.Connections = share(load.Connections, i, of)
	if load.Requests > 0 {
		load.Requests = int64(share(int(load.Requests), i, of))
	}
	if load.Backlog > 0 {
		load.Backlog = max(1, share(load.Backlog, i, of))
	}
	return load
}

// share returns the size of part i when n is divided into as many parts, as equal as
// possible.
func share(n, i, of int) int {
	each := n / of
	if i < n%of {
		each++
	}
	return each
}

// part finds the faults of a load's part.
func (f *faultList) part(load ancmbench.Load) {
	p := load.Part
	if p == nil {
		return
	}
	f.unless(p.Of >= 1 && p.Index >= 0 && p.Index < p.Of, "part %d of %d: the index must be below the number of generators", p.Index, p.Of)
	f.unless(p.Of <= load.Connections, "%d connections for %d generators: each needs one", load.Connections, p.Of)
	f.unless(load.Requests == 0 || load.Requests >= int64(p.Of), "%d requests for %d generators: each needs one", load.Requests, p.Of)
}

// Joint reports whether this is the plan of one generator of a load that follows a
// timetable.
func (p *Plan) Joint() bool { return p.part != nil }

// sends reports whether this generator sends the requests of a group. The choice is a draw
// for each group: a random part of a Poisson process is one again, and no generator gets
// every second request of an evenly spaced stream.
func (p *Plan) sends(group uint64) bool {
	if p.part == nil || p.part.Of == 1 {
		return true
	}
	d := drawsFor(p.part.Seed, forPart, group)
	return d.below(p.part.Of) == p.part.Index
}

// thinned is how many groups of the stream there are for each one that this generator
// sends.
func (p *Plan) thinned() float64 {
	if p.part == nil {
		return 1
	}
	return float64(p.part.Of)
}

// Length returns how long the timetable is, with a gap after each slice.
func (p *Plan) Length() time.Duration {
	last := p.Segment(p.Segments() - 1)
	return last.Start + last.Length + p.Gap()
}

// PlannedEdge is an edge of a timetable: Slice and Target as in Edge, and the instant, from
// the begin, at which counters are read.
type PlannedEdge struct {
	Slice, Target int
	At            time.Duration
}

// Edges returns the edges of a timetable. Counters are read late in the gap after each
// slice, when all generators have drained and a server has finished its work.
func (p *Plan) Edges() []PlannedEdge {
	edges := make([]PlannedEdge, 1, p.Slices()+1)
	edges[0] = PlannedEdge{Slice: -1, Target: -1}
	for i := range p.Segments() {
		if s := p.Segment(i); s.Drain {
			edges = append(edges, PlannedEdge{s.Slice, s.Target, s.Start + s.Length + p.Gap()*edgeAt/100})
		}
	}
	return edges
}

// edgeAt is the share of a gap, in percent, after which counters are read: late, so that
// answers have arrived, and so long before the next slice that reading does not disturb it.
const edgeAt = 75
