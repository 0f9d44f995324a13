package wire

import (
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/loadgen"
)

// turn does everything that is due, and returns when there is more to do; exact means that
// next is the due time of a request.
func (s *shard) turn() (next time.Duration, exact bool) {
	now := s.now()
	next = s.expire(now, now+longest)
	switch s.stage {
	case opening:
		if s.openMore(now) {
			return 0, false // at once: the trial's clock has restarted
		}
		return min(next, s.openBy), false
	case atEdge:
		if r := s.run.round.Load(); r != s.round {
			s.round = r
			s.beginSlice()
			return s.epoch, true
		}
		return next, false
	case running:
		s.loaded(s.publish)
		if s.closedLoop {
			return s.keepBusy(now, next)
		}
		next, exact = s.sendDue(now, next)
		if s.catchUp() {
			return now, false
		}
		return next, exact
	default:
		return s.drain(now, next)
	}
}

// expire fails the requests that are older than the timeout, and returns when the next one
// will be.
func (s *shard) expire(now, next time.Duration) time.Duration {
	for _, p := range s.targets {
		for p.oldest != nil {
			c := p.oldest
			if at := c.since + s.timeout; at > now {
				next = min(next, at)
				break
			}
			if !c.busy {
				s.unopened(c, unix.ETIMEDOUT)
				continue
			}
			cause := ""
			if c.state == connecting || c.state == dialing {
				cause = "no connection in time"
			}
			s.fail(c, loadgen.Timeout, cause, now)
			s.free(c, now)
		}
	}
	return next
}

// openMore opens connections before the first slice, and reports true once it
// is over: all are open, or one could not be opened, or it took too long.
func (s *shard) openMore(now time.Duration) bool {
	left, flying := false, 0
	for _, p := range s.targets {
		flying += p.flying
	}
	for _, p := range s.targets {
		for flying < opensAtOnce && !p.refused && len(p.shut) > 0 {
			c := p.takeShut()
			p.enter(c, now)
			s.open(c)
			flying++
		}
		left = left || p.flying > 0 || !p.refused && len(p.shut) > 0
	}
	if left && now < s.openBy {
		return false
	}
	for _, p := range s.targets {
		s.abandonFlight(p, now)
	}
	s.arrive()
	return true
}

// beginSlice starts the slice after the edge, or ends the run.
func (s *shard) beginSlice() {
	index := 0
	if s.round > 1 {
		index = s.seg.Index + 1
	}
	if index >= s.run.plan.Segments() {
		s.stage = over
		return
	}
	s.base, s.epoch = s.run.base, s.run.epoch
	s.stage = running
	s.setSegment(index)
	s.end = s.epoch + s.seg.SliceLength
	s.drainBy = s.end + s.timeout
	s.sample, s.chance = s.epoch, uint64(s.seg.Slice)
	s.nextSample()
	late := s.now() - s.epoch
	s.loaded(func(p *pool) {
		p.rec.SliceBegin(s.seg, s.epoch)
		p.rec.SliceLate(late)
	})
}

func (s *shard) setSegment(index int) {
	s.seg = s.run.plan.Segment(index)
	s.walk = 0
	s.dues = s.run.timetable.take(s.id, index)
}

// loaded calls f with each pool that the segment loads.
func (s *shard) loaded(f func(*pool)) {
	if t := s.seg.Target; t >= 0 {
		f(s.targets[t])
		return
	}
	for _, p := range s.targets {
		f(p)
	}
}

// sendDue sends what is due in an open loop.
func (s *shard) sendDue(now, next time.Duration) (time.Duration, bool) {
	of, id := uint64(s.run.shards()), uint64(s.id)
	for sent := 0; ; {
		if s.walk == len(s.dues) {
			if !s.seg.Drain {
				s.epoch += s.seg.Length
				s.setSegment(s.seg.Index + 1)
				continue
			}
			if now >= s.end {
				s.stage = draining
				return now, false
			}
			return min(next, s.end), false
		}
		d := &s.dues[s.walk]
		if of > 1 && d.Group%of != id {
			s.walk++
			continue
		}
		at := s.epoch + d.Offset
		if at > now {
			return min(next, at), at <= next
		}
		if sent == sendsPerTurn {
			return now, false
		}
		s.walk++
		sent++
		s.due(s.targets[d.Target], job{due: at, queued: now, request: int32(d.Request), settling: d.Settling})
	}
}

// due sends a due request, or puts it into the backlog, or sheds it.
func (s *shard) due(p *pool, j job) {
	if p.backlog.n == 0 {
		if c := p.takeIdle(); c != nil {
			s.assign(c, j)
			return
		}
		if c := p.takeShut(); c != nil {
			s.assign(c, j)
			return
		}
	}
	if p.backlog.n >= p.bound {
		p.rec.Shed(1)
		return
	}
	p.backlog.push(j)
}

// catchUp gives waiting requests the connections that failed to open and are free again;
// their failure does not look at the backlog. It reports whether there is more to do.
func (s *shard) catchUp() bool {
	more := false
	for _, p := range s.targets {
		for n := 0; p.backlog.n > 0 && len(p.idle)+len(p.shut) > 0; n++ {
			if n == sendsPerTurn {
				more = true
				break
			}
			c := p.takeIdle()
			if c == nil {
				c = p.takeShut()
			}
			s.assign(c, p.waited(s.now()))
		}
	}
	return more
}

// keepBusy gives every free connection of a closed loop a request. Call it after all
// answers of a batch of events were read: a write over loopback takes several times as long
// as a read, and would make the done times of the following answers late.
func (s *shard) keepBusy(now, next time.Duration) (time.Duration, bool) {
	p := s.targets[s.seg.Target]
	if spent := s.spent(p); now >= s.end || spent {
		s.stage = draining
		if spent {
			s.end, s.drainBy = min(s.end, now), now+s.timeout
		}
		s.settleDown(&s.thinking)
		s.settleDown(&s.paused)
		return now, false
	}
	if now < s.epoch {
		return min(next, s.epoch), true
	}
	next = min(next, s.end)
	for n := 0; len(p.idle)+len(p.shut) > 0 && !s.spent(p); n++ {
		if n == repliesPerTurn {
			return now, false
		}
		c := p.takeIdle()
		if c == nil {
			c = p.takeShut()
		}
		s.assign(c, s.nextJob(p, now))
	}
	exact := false
	for _, q := range []*ring[delayed]{&s.thinking, &s.paused} {
		for q.n > 0 && q.front().at <= now && !s.spent(p) {
			s.assign(q.pop().c, s.nextJob(p, now))
		}
		if q.n > 0 && q.front().at <= next {
			next, exact = q.front().at, true
		}
	}
	return next, exact
}

// spent reports whether a closed loop has sent all that it may.
func (s *shard) spent(p *pool) bool { return s.most >= 0 && int64(p.count) >= s.most }

// settleDown puts connections that would have sent again onto their stacks.
func (s *shard) settleDown(q *ring[delayed]) {
	for q.n > 0 {
		c := q.pop().c
		c.pool.rest(c)
	}
}

// nextJob returns the next request of a closed loop. It is due when it is sent, and that
// time decides whether it is recorded as settling.
func (s *shard) nextJob(p *pool, now time.Duration) job {
	n := p.count*uint64(s.run.shards()) + uint64(s.id)
	p.count++
	return job{due: now, request: int32(s.run.plan.Request(s.seg.Target, n)), settling: now-s.epoch < s.seg.Settle}
}

// free gives a connection its next request, or puts it onto its stack.
func (s *shard) free(c *conn, now time.Duration) {
	p := c.pool
	switch {
	case p.backlog.n > 0:
		s.assign(c, p.waited(now))
	case !s.closedLoop || s.stage != running:
		p.rest(c)
	case s.think > 0:
		if c.fd >= 0 {
			c.state = thinking
		}
		s.thinking.push(delayed{c, now + s.think})
	default:
		p.rest(c)
	}
}

// pause delays a connection of a closed loop, so that the loop does not spin against a port
// at which nothing listens. In an open loop the schedule limits the attempts.
func (s *shard) pause(c *conn) {
	if s.closedLoop && s.stage == running {
		s.paused.push(delayed{c, s.now() + refusedPause})
		return
	}
	c.pool.rest(c)
}

// drain waits until no request waits or is in flight, at most until the timeout.
func (s *shard) drain(now, next time.Duration) (time.Duration, bool) {
	again := s.catchUp()
	busy := false
	for _, p := range s.targets {
		busy = busy || p.flying > 0 || p.backlog.n > 0
	}
	switch {
	case busy && now < s.drainBy:
		if again {
			next = now
		}
		return min(next, s.drainBy), false
	case busy:
		s.giveUp(now)
	}
	s.countUntil(now)
	s.loaded(func(p *pool) {
		p.rec.SliceEnd(now)
		s.publish(p)
	})
	s.arrive()
	return now, false
}

// giveUp ends requests in flight as unfinished and sheds waiting ones.
func (s *shard) giveUp(now time.Duration) {
	for _, p := range s.targets {
		p.rec.Shed(int64(p.backlog.n))
		p.backlog.clear()
		s.abandonFlight(p, now)
	}
}

func (s *shard) abandonFlight(p *pool, now time.Duration) {
	for p.oldest != nil {
		c := p.oldest
		if c.busy {
			s.fail(c, loadgen.Unfinished, "", now)
		} else {
			p.leave(c)
			c.shut()
		}
		p.rest(c)
	}
}

// abandon ends the shard's part of a run that was stopped.
func (s *shard) abandon() {
	now := s.now()
	if s.stage == running || s.stage == draining {
		for of, id := uint64(s.run.shards()), uint64(s.id); s.walk < len(s.dues); s.walk++ {
			d := &s.dues[s.walk]
			if s.epoch+d.Offset > now {
				break
			}
			if d.Group%of == id {
				s.targets[d.Target].rec.Shed(1)
			}
		}
	}
	s.giveUp(now)
	s.settleDown(&s.thinking)
	s.settleDown(&s.paused)
	if s.stage == running || s.stage == draining {
		s.loaded(func(p *pool) {
			p.rec.SliceEnd(now)
			s.publish(p)
		})
	}
	s.stage = over
}
