package wire

import (
	"sync/atomic"

	"ancmbench/loadgen"
)

// ahead is how many segments' due times are kept at once.
const ahead = 4

// timetable computes the due times of segments in advance, on its own goroutine, so that
// computing makes no shard late. Its memory does not depend on the length of the load.
type timetable struct {
	plan *loadgen.Plan
	bufs [ahead][]loadgen.Due
	made atomic.Int64 // segments that are computed
	at   []place64    // the segment that each shard is in
	more chan struct{}
	quit chan struct{}
	own  [][]loadgen.Due // per shard, for use when the goroutine is too slow
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

// fill computes segments until the ring is full. The place of a segment becomes free when
// every shard has left it.
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

// take returns the due times of a shard's next segment. Those of its previous segment may
// be overwritten from then on.
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
