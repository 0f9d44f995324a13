package wire

import (
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/loadgen"
)

// stage is the part of the run in which a shard is.
type stage uint8

const (
	opening  stage = iota // connections before the first slice
	atEdge                // arrived, waiting for the others
	running               // within a slice
	draining              // after it
	over
)

// shard is one thread of the engine. It owns its epoll instance, connections, position in
// the timetable and recorders, and shares only the edges of slices.
type shard struct {
	id     int
	poller *poller
	buf    []byte
	conns  []*conn // by slot; none is nil
	// unowned are the connections that no pool has any more; they are closed.
	unowned []*conn
	pools   map[string]*pool

	// State of the current run.
	run        *run
	base       time.Time // the trial's start
	lead       time.Duration
	precise    bool // it has its own core: spin while answers are expected
	timeout    time.Duration
	closedLoop bool
	think      time.Duration
	targets    []*pool
	again      []*conn // to be handled without waiting for an event
	spare      []*conn // the other half of again's memory
	thinking   ring[delayed]
	paused     ring[delayed]

	stage   stage
	round   int32 // of the edge that was passed last
	seg     loadgen.Segment
	dues    []loadgen.Due
	walk    int // in dues
	epoch   time.Duration
	end     time.Duration // planned, of the slice
	drainBy time.Duration
	sample  time.Duration // when to count the requests in flight next
	chance  uint64        // state of the instants at which they are counted
	most    int64         // requests of a closed loop to each target; -1 is any number
	openBy  time.Duration
	spun    time.Duration
}

// delayed is a connection of a closed loop that sends again at an instant.
type delayed struct {
	c  *conn
	at time.Duration
}

const (
	readBuffer = 64 << 10
	// sendsPerTurn limits the requests sent before answers are read, so that the done
	// times of answers are not late in a burst.
	sendsPerTurn = 16
	// repliesPerTurn is the same limit for a closed loop.
	repliesPerTurn = 64
	// refusedPause is how long a closed loop waits after it could not connect.
	refusedPause = 10 * time.Millisecond
	// redial is the time until a Unix socket with a full queue is tried again.
	redial = time.Millisecond
	// sampleEvery is the mean time between two samples for Little's law.
	sampleEvery = 5 * time.Millisecond
	// preempted is longer than any turn of the spin. If a turn takes longer, the thread
	// did not run, and the time was not spent spinning.
	preempted = 50 * time.Microsecond
	// longest is the longest wait if there is nothing to do.
	longest = time.Second
	// opensAtOnce limits the connections that are being opened at once before the first
	// slice; it is within the usual length of a listen queue.
	opensAtOnce = 128
)

func newShard(id int) (*shard, error) {
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	return &shard{id: id, poller: p, buf: make([]byte, readBuffer), pools: map[string]*pool{}}, nil
}

// now returns the time of the trial; it takes one read of the clock in the vDSO.
func (s *shard) now() time.Duration { return time.Since(s.base) }

// grow makes slots until the pool has that many connections.
func (s *shard) grow(p *pool, connections int) {
	for len(p.conns) < connections {
		var c *conn
		if n := len(s.unowned); n > 0 {
			c, s.unowned = s.unowned[n-1], s.unowned[:n-1]
			// gen is kept: an event of an earlier descriptor in this slot may still arrive.
			*c = conn{slot: c.slot, gen: c.gen}
		} else {
			c = &conn{slot: int32(len(s.conns))}
			s.conns = append(s.conns, c)
		}
		c.fd, c.pool, c.number = -1, p, len(p.conns)*s.run.shards()+s.id
		p.conns = append(p.conns, c)
	}
}

// loop carries the run out; its goroutine is tied to its thread.
func (s *shard) loop() {
	for {
		if s.run.stopped.Load() {
			s.abandon()
			return
		}
		next, exact := s.turn()
		if s.stage == over {
			s.lastLook()
			return
		}
		n := s.wait(next, exact)
		for i := range n {
			s.handle(&s.poller.events[i])
		}
		s.resume()
	}
}

// countUntil counts the requests in flight at the sampling instants up to now. It must be
// called before each change of their number. The instants are random, so that they do not
// keep step with evenly spaced requests.
func (s *shard) countUntil(now time.Duration) {
	if now < s.sample || s.stage != running && s.stage != draining {
		return
	}
	for s.sample <= now {
		s.loaded(func(p *pool) { p.rec.InFlight(p.flying) })
		s.nextSample()
	}
}

// nextSample sets the next sampling instant. The gap is uniform between half and one and a
// half of sampleEvery, and the same for all shards (Steele, Lea, Flood 2014: "Fast
// splittable pseudorandom number generators").
func (s *shard) nextSample() {
	s.chance += 0x9e3779b97f4a7c15
	x := s.chance
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	s.sample += sampleEvery/2 + time.Duration(x%uint64(sampleEvery))
}

// lastLook waits after the last slice for bytes that belong to no request: they show that
// earlier answers were malformed.
func (s *shard) lastLook() {
	look := time.Duration(0)
	for _, p := range s.targets {
		if len(p.idle) > 0 {
			look = max(look, p.rec.LastLook())
		}
	}
	until := s.now() + look
	for left := look; left > 0 && !s.run.stopped.Load(); left = until - s.now() {
		n := s.poller.block(left)
		for i := range n {
			s.handle(&s.poller.events[i])
		}
	}
}

// handle handles one event of epoll.
func (s *shard) handle(ev *unix.EpollEvent) {
	if ev.Fd == wakeSlot {
		return
	}
	c := s.conns[ev.Fd]
	if c.gen != ev.Pad {
		return
	}
	const ends = unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	if ev.Events&ends != 0 && c.state != connecting {
		c.ended = true
	}
	switch c.state {
	case waiting:
		if ev.Events&(unix.EPOLLIN|ends) != 0 {
			s.read(c)
		}
	case connecting:
		s.connected(c, ev.Events&unix.EPOLLIN != 0)
	case sending:
		switch {
		case ev.Events&(unix.EPOLLIN|ends) != 0:
			s.read(c)
			if c.state == sending && ev.Events&unix.EPOLLOUT != 0 {
				s.write(c)
			}
		case ev.Events&unix.EPOLLOUT != 0:
			s.write(c)
		}
	case thinking:
		if ev.Events&(unix.EPOLLIN|ends) != 0 {
			s.leftover(c)
		}
	case idle:
		// The server closed it or sent bytes that belong to no request.
		if ev.Events&(unix.EPOLLIN|ends) != 0 {
			c.pool.lose(c)
			s.leftover(c)
			c.pool.rest(c)
			if s.stage == opening { // so that it is not opened again and again before the load
				c.pool.refused = true
			}
		}
	}
}

// later schedules c for the next turn.
func (s *shard) later(c *conn) {
	if !c.again {
		c.again = true
		s.again = append(s.again, c)
	}
}

// resume handles the connections in s.again, for which epoll will report no event.
func (s *shard) resume() {
	if len(s.again) == 0 {
		return
	}
	list := s.again
	s.again = s.spare[:0]
	for _, c := range list {
		c.again = false
		switch c.state {
		case dialing:
			s.open(c)
		case sending, waiting:
			s.read(c)
		}
	}
	s.spare = list
}

// flying reports whether a request is in flight to any target.
func (s *shard) flying() bool {
	for _, p := range s.targets {
		if p.flying > 0 {
			return true
		}
	}
	return false
}

// wait waits for events until next. exact means that a request falls due at next, so it
// spins for the last part of the wait.
func (s *shard) wait(next time.Duration, exact bool) int {
	now := s.now()
	for _, c := range s.again {
		if c.state != dialing {
			return s.poller.poll()
		}
		next, exact = min(next, now+redial), false
	}
	lead := time.Duration(0)
	if exact {
		lead = s.lead
	}
	left := next - now
	if left <= 0 {
		return s.poller.poll()
	}
	if s.precise && s.flying() {
		// A sleeping core takes 50 to 100 us to notice an answer, and that would be
		// counted as the server's time.
		lead = left
	}
	if left > lead {
		if n := s.poller.block(left - lead); n > 0 {
			return n
		}
		now = s.now()
	}
	if lead == 0 {
		return 0
	}
	n := 0
	for now < next && n == 0 {
		n = s.poller.poll()
		was := now
		now = s.now()
		if now-was < preempted {
			s.spun += now - was
		}
	}
	return n
}
