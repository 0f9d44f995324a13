package wire

import (
	"sync/atomic"

	"ancmbench/loadgen"
)

// ahead is how many segments' due times are kept at once.
const ahead = 4

// timetable works out the due times of segments ahead of time, on a goroutine
// of its own, so that no shard is late because it was reckoning. Its memory does
// not depend on the length of the load.
type timetable struct {
	plan *loadgen.Plan
	bufs [ahead][]loadgen.Due
	made atomic.Int64 // segments that have been worked out
	at   []place64    // the segment that each shard is in
	more chan struct{}
	quit chan struct{}
	own  [][]loadgen.Due // each shard's, for when the goroutine was too slow
}

// place64 is a counter on a cache line of its own.
type place64 struct {
	atomic.Int64
	_ [56]byte
}

func newTimetable(p *loadgen.Plan, shards int) *timetable {
	t := &timetable{plan: p, at: make([]place64, shards), own: make([][]loadgen.Due, shards),
		more: make(chan struct{}, 1), quit: make(chan struct{})}
	if p.Open() {
		t.fill()
		go t.run()
	}
	return t
}

func (t *timetable) run() {
	for {
		select {
		case <-t.quit:
			return
		case <-t.more:
			t.fill()
		}
	}
}

// fill works out segments until the ring is full: the place of a segment is
// free once every shard has left it.
func (t *timetable) fill() {
	slowest := t.at[0].Load()
	for i := range t.at {
		slowest = min(slowest, t.at[i].Load())
	}
	for i := t.made.Load(); i < slowest+ahead && i < int64(t.plan.Segments()); i++ {
		t.bufs[i%ahead] = t.plan.Dues(int(i), t.bufs[i%ahead])
		t.made.Store(i + 1)
	}
}

// take gives a shard the due times of its next segment; those of the one before
// may be overwritten from now on.
func (t *timetable) take(shard, segment int) []loadgen.Due {
	if !t.plan.Open() {
		return nil
	}
	t.at[shard].Store(int64(segment))
	ready := t.made.Load() > int64(segment)
	select {
	case t.more <- struct{}{}:
	default:
	}
	if ready {
		return t.bufs[segment%ahead]
	}
	t.own[shard] = t.plan.Dues(segment, t.own[shard])
	return t.own[shard]
}

// close ends the goroutine.
func (t *timetable) close() { close(t.quit) }
