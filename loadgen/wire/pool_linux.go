package wire

import (
	"time"

	"ancmbench/loadgen"
)

// pool holds one shard's connections to one target, and the requests that wait for them.
// The connections are kept between runs; everything else belongs to the current run.
type pool struct {
	addr   address
	target int // its index in the load
	conns  []*conn
	// idle connections are open and free, shut ones are not open. Both are stacks,
	// because the data of the connection used last are still in the caches.
	idle, shut []*conn
	// spread takes idle connections in turn instead; turn counts them.
	spread bool
	turn   int

	requests []request
	rec      *loadgen.Recorder
	backlog  ring[job]
	bound    int // of the backlog
	// The flight is a list of the connections with a request, the oldest first. All
	// have the same timeout, so this is also the order of their deadlines.
	oldest, newest *conn
	flying         int
	refused        bool // a connection could not be opened before the first slice
	count          uint64
}

// job is a request on its way from falling due to its record.
type job struct {
	due, sent, first time.Duration
	queued           time.Duration // when it went into the backlog
	wait, connect    time.Duration // as in loadgen.Record
	request          int32
	settling         bool
	stale            bool // this is the second sending
	begun            bool // sent is set
}

// waited removes and returns the first job of the backlog, for a free connection.
func (p *pool) waited(now time.Duration) job {
	j := p.backlog.pop()
	j.wait = max(0, now-j.queued)
	return j
}

// begin prepares the pool for a run with that many connections.
func (p *pool) begin(connections int) {
	p.idle, p.shut = p.idle[:0], p.shut[:0]
	p.oldest, p.newest, p.flying, p.refused, p.count = nil, nil, 0, false, 0
	p.backlog.clear()
	for i, c := range p.conns {
		if i >= connections && c.fd >= 0 {
			c.shut()
		}
	}
	for i := min(connections, len(p.conns)) - 1; i >= 0; i-- {
		p.conns[i].good, p.conns[i].right = 0, false // an earlier run has reported its own
		p.rest(p.conns[i])
	}
}

// rest puts a connection without a request on the idle or the shut stack.
func (p *pool) rest(c *conn) {
	if c.fd < 0 {
		c.state = closed
		p.shut = append(p.shut, c)
		return
	}
	c.state, c.place = idle, len(p.idle)
	p.idle = append(p.idle, c)
}

// takeIdle removes and returns an idle connection, or nil if there is none.
func (p *pool) takeIdle() *conn {
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	if p.spread { // the next place in turn changes with the last
		i := p.turn % n
		p.turn++
		p.idle[i], p.idle[n-1] = p.idle[n-1], p.idle[i]
		p.idle[i].place = i
	}
	c := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c
}

// takeShut removes and returns a connection that is not open, or nil if there is none.
func (p *pool) takeShut() *conn {
	n := len(p.shut)
	if n == 0 {
		return nil
	}
	c := p.shut[n-1]
	p.shut = p.shut[:n-1]
	return c
}

// lose removes a connection that ended from the idle stack.
func (p *pool) lose(c *conn) {
	last := len(p.idle) - 1
	p.idle[c.place] = p.idle[last]
	p.idle[c.place].place = c.place
	p.idle = p.idle[:last]
}

// enter appends c to the flight at the instant since.
func (p *pool) enter(c *conn, since time.Duration) {
	c.since = since
	c.prev, c.next = p.newest, nil
	if p.newest == nil {
		p.oldest = c
	} else {
		p.newest.next = c
	}
	p.newest = c
	p.flying++
}

func (p *pool) leave(c *conn) {
	if c.prev == nil {
		p.oldest = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		p.newest = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	p.flying--
}

// ring is a queue that keeps its memory.
type ring[T any] struct {
	items   []T // length is a power of two
	head, n int
}

func (r *ring[T]) push(x T) {
	if r.n == len(r.items) {
		items := make([]T, max(64, 2*len(r.items)))
		for i := range r.n {
			items[i] = r.items[(r.head+i)&(len(r.items)-1)]
		}
		r.items, r.head = items, 0
	}
	r.items[(r.head+r.n)&(len(r.items)-1)] = x
	r.n++
}

func (r *ring[T]) front() *T { return &r.items[r.head] }

func (r *ring[T]) pop() T {
	x := r.items[r.head]
	r.head = (r.head + 1) & (len(r.items) - 1)
	r.n--
	return x
}

func (r *ring[T]) clear() { r.head, r.n = 0, 0 }
