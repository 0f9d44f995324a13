package vegeta

import (
	"context"
	"time"

	"ancmbench/loadgen"
)

// pacer carries out the slices as a vegeta.Pacer. The attacker calls it before each
// request. It waits itself and returns when the request is due, so that the attacker never
// sleeps. All its methods except finish run on the attacker's goroutine.
type pacer struct {
	*run
	next    int             // segment to open next
	segment loadgen.Segment // the current one
	open    bool            // a slice has begun and not ended
	epoch   time.Duration   // of the segment
	drained time.Duration   // end of the last drain
	told    time.Duration   // when its edge callback had returned
	dues    []loadgen.Due
	admit   int   // first of dues that has not fallen due
	waiting int   // in all queues
	active  []int // targets of the slice
	timer   *time.Timer
}

func newPacer(r *run) *pacer { return &pacer{run: r} }

// Rate returns the rate that vegeta shows; the timetable does not need it.
func (p *pacer) Rate(time.Duration) float64 { return p.load.Arrivals.Rate }

// Pace waits until the next request can be sent, and stores it under its number. It never
// lets the attacker sleep.
func (p *pacer) Pace(_ time.Duration, number uint64) (time.Duration, bool) {
	if p.timer == nil {
		p.begin()
	}
	for !p.halted() {
		if !p.open && !p.openSegment() {
			return 0, true
		}
		c, ok, done := p.step()
		if ok {
			p.mu.Lock()
			p.pending[number] = c
			p.mu.Unlock()
			return 0, false
		}
		if done {
			p.closeSegment()
		}
	}
	return 0, true
}

func (p *pacer) halted() bool {
	select {
	case <-p.stopped:
		return true
	default:
		return false
	}
}

// begin starts the trial's clock, on the goroutine of the attacker.
func (p *pacer) begin() {
	p.timer = time.NewTimer(0)
	at, err := time.Time{}, error(nil)
	if p.start != nil {
		if at, err = p.start(); err != nil {
			p.stop(err)
		}
	}
	p.tell(loadgen.Edge{Slice: -1, Target: -1, At: time.Now()})
	if p.began = at; at.IsZero() {
		p.began = time.Now()
	}
}

func (p *pacer) tell(e loadgen.Edge) {
	if p.edge != nil {
		p.edge(e)
	}
}

// openSegment begins the next segment, and waits for its epoch if it begins a slice. It
// reports false after the last one.
func (p *pacer) openSegment() bool {
	if p.next == p.plan.Segments() {
		return false
	}
	before := p.segment
	p.segment = p.plan.Segment(p.next)
	p.next++
	if p.segment.First {
		p.epoch = p.plan.Epoch(p.segment, p.drained, p.told)
		p.beginSlice()
	} else {
		p.epoch += before.Length
	}
	p.dues = p.plan.Dues(p.segment.Index, p.dues)
	p.admit = 0
	p.open = true
	return true
}

func (p *pacer) beginSlice() {
	ctx, cancel := context.WithCancelCause(context.Background())
	p.slice.Store(&sliceContext{ctx, cancel})
	if p.halted() { // stop may have missed this context
		cancel(errStopped)
	}
	p.active = p.active[:0]
	for i, t := range p.targets {
		if p.segment.Target == i || p.segment.Target == -1 {
			p.active = append(p.active, i)
			t.begin(p.segment, p.epoch)
		}
	}
	p.waiter.Until(p.began.Add(p.epoch), p.stopped)
	for _, i := range p.active {
		p.targets[i].load()
	}
}

// closeSegment ends the slice if the segment does.
func (p *pacer) closeSegment() {
	p.open = false
	if !p.segment.Drain {
		return
	}
	at := p.now()
	p.endSlice(at)
	p.plan.Rest(p.began.Add(at), p.stopped)
	p.drained = at
	p.tell(loadgen.Edge{Slice: p.segment.Slice, Target: p.segment.Target, At: time.Now()})
	p.told = p.now()
}

func (p *pacer) endSlice(at time.Duration) {
	for _, i := range p.active {
		p.targets[i].end(at)
	}
	p.active = p.active[:0]
	if s := p.slice.Load(); s != nil {
		s.cancel(nil)
	}
}

// step returns the next request if one can be sent, and otherwise waits once. It reports
// done when the segment has no more requests.
func (p *pacer) step() (c call, ok, done bool) {
	now := p.now()
	if p.spent() {
		p.segment.Length = min(p.segment.Length, max(0, now-p.epoch))
	}
	end := p.epoch + p.segment.Length
	until := end
	if p.plan.Open() {
		until = p.fallDue(now, end)
		c, ok = p.earliest()
	} else if now < end {
		c, ok = p.free(now, end)
	}
	switch {
	case ok:
		return c, true, false
	case p.admit == len(p.dues) && p.plan.Open() && !p.segment.Drain:
		return c, false, true // the next segment follows without a break
	case now < until:
		p.wait(now, until)
		return c, false, false
	}
	return c, false, p.drain(now, end)
}

// fallDue puts due requests into their target's queue, and returns when to look again.
func (p *pacer) fallDue(now, end time.Duration) time.Duration {
	for ; p.admit < len(p.dues); p.admit++ {
		d := &p.dues[p.admit]
		at := p.epoch + d.Offset
		if at > now {
			return at
		}
		t := p.targets[d.Target]
		if len(t.queue) >= p.load.Backlog {
			t.shed(1)
			continue
		}
		t.queue = append(t.queue, call{target: t, request: d.Request, due: at, noticed: now, settling: d.Settling})
	}
	return end
}

// earliest takes the request that has been due longest among those whose target has a free
// connection, so that a slow target does not delay others.
func (p *pacer) earliest() (call, bool) {
	var best *target
	p.waiting = 0
	for _, i := range p.active {
		t := p.targets[i]
		p.waiting += len(t.queue)
		if len(t.queue) > 0 && t.busy.Load() < int64(p.load.Connections) && (best == nil || t.queue[0].due < best.queue[0].due) {
			best = t
		}
	}
	if best == nil {
		return call{}, false
	}
	best.busy.Add(1)
	return best.pop(), true
}

// spent reports whether a closed loop has sent all that it may.
func (p *pacer) spent() bool {
	most := p.load.Requests
	return most > 0 && p.segment.Target >= 0 && p.targets[p.segment.Target].sent >= uint64(most)
}

// free returns a request for a connection of a closed loop that may send.
func (p *pacer) free(now, end time.Duration) (call, bool) {
	for _, i := range p.active {
		t := p.targets[i]
		if int(t.busy.Load())+t.thinking(now) < p.load.Connections {
			t.busy.Add(1)
			return call{target: t, request: t.nextRequest(), due: -1, settled: p.epoch + p.segment.Settle}, true
		}
	}
	return call{}, false
}

// wait waits for an instant, or for a free connection if one is wanted.
func (p *pacer) wait(now, until time.Duration) {
	if !p.plan.Open() {
		for _, i := range p.active {
			if at, ok := p.targets[i].thoughtBy(); ok {
				// No connection ends its think time earlier.
				p.waiter.Until(p.began.Add(min(at, until)), p.stopped)
				return
			}
		}
	} else if p.waiting == 0 {
		p.waiter.Until(p.began.Add(until), p.stopped)
		return
	}
	p.awaitFree(until - now)
}

// awaitFree waits for an answer. The runtime's timer is precise enough here, because the
// process is busy and a request that falls due has to wait anyway.
func (p *pacer) awaitFree(most time.Duration) {
	p.timer.Reset(most)
	select {
	case <-p.freed:
	case <-p.timer.C:
	case <-p.stopped:
	}
}

// drain waits for the answers after the end of a slice, and reports true when the slice is
// over. At the timeout it abandons the remaining requests.
func (p *pacer) drain(now, end time.Duration) bool {
	flying := p.flying()
	if p.waiting == 0 && flying == 0 {
		return true
	}
	if left := end + p.plan.Timeout() - now; left > 0 {
		p.awaitFree(left)
		return false
	}
	p.slice.Load().cancel(errDrain)
	for _, i := range p.active {
		p.targets[i].shedQueue()
	}
	p.waiting = 0
	if p.flying() > 0 {
		p.awaitFree(time.Second)
	}
	return false
}

func (p *pacer) flying() (n int64) {
	for _, i := range p.active {
		n += p.targets[i].busy.Load()
	}
	return n
}

// finish ends the slice that a stop interrupted. Call it after the attacker's goroutines
// have ended.
func (p *pacer) finish() {
	for _, c := range p.pending {
		c.target.shed(1)
		c.target.busy.Add(-1)
	}
	for _, t := range p.targets {
		t.shedQueue()
	}
	if len(p.active) > 0 {
		p.fallenDue()
		p.endSlice(p.now())
		p.tell(loadgen.Edge{Slice: p.segment.Slice, Target: p.segment.Target, At: time.Now()})
	}
}

// fallenDue counts as shed the requests that fell due before the load was stopped and that
// the pacer had not reached.
func (p *pacer) fallenDue() {
	now := p.now()
	for {
		p.fallDue(now, 0)
		if p.admit < len(p.dues) || p.segment.Drain || p.epoch+p.segment.Length > now {
			break
		}
		p.openSegment() // of the same slice: nothing waits
	}
	for _, t := range p.targets {
		t.shedQueue()
	}
}
