package wire

import (
	"fmt"
	"time"

	"ancmbench/loadgen"
)

// wakeUp is the time that the other shards have to notice that a slice begins.
const wakeUp = 100 * time.Microsecond

// arrive announces that this shard has nothing in flight. The last shard to arrive calls
// the edge callback, sets the next epoch and lets all continue.
func (s *shard) arrive() {
	s.stage = atEdge
	r := s.run
	if r.arrived.Add(1) < int32(r.shards()) {
		return
	}
	r.arrived.Store(0)
	drained := s.now()
	next := 0
	if s.round == 0 {
		r.base, drained = r.start(), 0
		s.base = r.base
		r.tell(loadgen.Edge{Slice: -1, Target: -1, At: r.base})
	} else {
		r.plan.Rest(r.base.Add(drained), r.quit)
		r.tell(loadgen.Edge{Slice: s.seg.Slice, Target: s.seg.Target, At: time.Now()})
		next = s.seg.Index + 1
	}
	if next < r.plan.Segments() {
		r.epoch = r.plan.Epoch(r.plan.Segment(next), drained, s.now())
		if r.shards() > 1 && !r.plan.Joint() {
			r.epoch += wakeUp
		}
	}
	r.round.Add(1)
	for _, other := range r.parts {
		if other != s {
			other.poller.wake()
		}
	}
}

// start returns the instant at which the trial's clock begins: now, or when all generators
// of a joint load begin. It stops the run if they do not.
func (r *run) start() time.Time {
	if r.begin == nil {
		return time.Now()
	}
	at, err := r.begin()
	if err != nil {
		r.stop(err)
		return time.Now()
	}
	return at
}

func (r *run) tell(e loadgen.Edge) {
	if r.edge != nil {
		r.edge(e)
	}
}

// tooManyErrors stops the run if the share of errors exceeds its limit.
func (s *shard) tooManyErrors(p *pool) {
	share := s.run.load.MaxErrorShare
	if share == 0 {
		return
	}
	s.publish(p)
	var sent, failed int64
	k := len(s.run.load.Targets)
	for i := range s.run.parts {
		c := &s.run.seen[i*k+p.target]
		sent, failed = sent+c.sent.Load(), failed+c.failed.Load()
	}
	if loadgen.TooManyErrors(sent, failed, share) {
		s.run.stop(fmt.Errorf("target %s: %d of %d requests failed: %w", s.run.load.Targets[p.target].Name, failed, sent, loadgen.ErrErrors))
	}
}

// publish publishes the number of ended requests to the other shards.
func (s *shard) publish(p *pool) {
	c := &s.run.seen[s.id*len(s.run.load.Targets)+p.target]
	sent, failed := p.rec.Seen()
	c.sent.Store(sent)
	c.failed.Store(failed)
}
