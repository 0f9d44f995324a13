package wire

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench/loadgen"
)

// state is what a connection is doing.
type state uint8

const (
	closed     state = iota // no descriptor, no request
	dialing                 // no descriptor yet, and a request: the socket's queue was full
	connecting              // under way, with or without a request
	idle                    // open, no request
	sending                 // a part of the request is yet to be written
	waiting                 // for the answer, or the rest of it
	thinking                // open, between two requests of a closed loop
)

// conn is one connection of a shard, and the request that it has in hand.
type conn struct {
	fd    int32 // -1 if closed
	slot  int32 // in shard.conns
	gen   int32 // counts the descriptors, to tell events of an earlier one
	state state
	kept  bool // was open and idle before the request in hand
	ended bool // the server has closed its side
	busy  bool // has a request in hand
	again bool // is in shard.again

	number   int // among the connections to the target
	place    int // in pool.idle
	pool     *pool
	prev     *conn // in the flight
	next     *conn
	since    time.Duration // when it entered the flight
	job      job
	request  *request
	out      []byte // what is yet to be written
	received int
	answer   answer
}

// shut closes the descriptor. Ready events that were already fetched are told
// by gen.
func (c *conn) shut() {
	if c.fd >= 0 {
		unix.Close(int(c.fd))
		c.fd = -1
		c.gen++
	}
	c.state, c.kept, c.ended = closed, false, false
}

// open begins to connect; c has no descriptor, and a request or none.
func (s *shard) open(c *conn) {
	fd, err := c.pool.addr.connect(c.number)
	if err == unix.EAGAIN { // the queue of a Unix socket is full
		c.state = dialing
		s.later(c)
		return
	}
	if err != nil {
		s.unopened(c, err)
		return
	}
	c.fd, c.state = int32(fd), connecting
	if err := s.poller.add(c.fd, c.slot, c.gen); err != nil {
		s.unopened(c, err)
	}
}

// connected looks how connecting ended.
func (s *shard) connected(c *conn) {
	code, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	if err != nil {
		s.unopened(c, err)
		return
	}
	if !c.busy {
		c.pool.leave(c)
		c.pool.rest(c)
		return
	}
	s.transmit(c)
}

// unopened ends an attempt to connect.
func (s *shard) unopened(c *conn, err error) {
	if !c.busy {
		c.shut()
		c.pool.refused = true
		c.pool.leave(c)
		c.pool.rest(c)
		return
	}
	out := loadgen.Failed
	if errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.ENOENT) {
		out = loadgen.Refused
	} else if errors.Is(err, unix.ECONNRESET) {
		out = loadgen.Reset
	}
	s.fail(c, out, s.now())
	s.pause(c)
}

// assign gives a free connection a request: it is written, or first connected.
func (s *shard) assign(c *conn, j job) {
	c.job, c.request, c.busy, c.received = j, &c.pool.requests[j.request], true, 0
	if c.fd >= 0 {
		c.kept = true
		s.transmit(c)
		return
	}
	c.kept = false
	c.pool.enter(c, s.now())
	s.open(c)
}

// transmit writes a request from its first byte on.
func (s *shard) transmit(c *conn) {
	r := c.request
	c.answer.reset(c.pool.want, &r.memo, r.headOnly)
	c.out, c.state = r.bytes, sending
	now := s.now()
	if !c.job.begun {
		c.job.sent, c.job.begun = now, true
		if s.closedLoop {
			c.job.due = now
		}
	}
	if !c.kept {
		c.pool.leave(c) // it entered when it began to connect
		c.pool.rec.Opened(1)
	}
	c.pool.enter(c, now)
	s.write(c)
}

// write goes on writing until all is handed over or the socket is full.
func (s *shard) write(c *conn) {
	for {
		n, errno := transmit(c.fd, c.out)
		switch {
		case errno == 0:
			if c.out = c.out[n:]; len(c.out) == 0 {
				c.state = waiting
				return
			}
		case errno == unix.EAGAIN:
			return
		case errno != unix.EINTR:
			// The server may have answered before it closed: what came decides.
			c.ended = true
			s.read(c)
			return
		}
	}
}

// readsPerTurn keeps one huge answer from starving the other connections.
const readsPerTurn = 8

// read takes in what has come. A read that does not fill the buffer has emptied
// the socket, and the next bytes are an event of their own; so there is no
// second read to be told so, unless the server has closed its side.
func (s *shard) read(c *conn) {
	for range readsPerTurn {
		n, errno := receive(c.fd, s.buf)
		now := s.now()
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			if c.ended && c.state == sending { // the write failed, and nothing more will come
				s.cut(c, loadgen.Reset, now)
			}
			return
		case errno != 0:
			s.cut(c, loadgen.Reset, now)
			return
		case n == 0:
			s.finish(c, c.answer.eof(), now)
			return
		}
		if c.received == 0 {
			c.job.first = now
		}
		c.received += n
		used, st := c.answer.feed(s.buf[:n])
		if st != more {
			if used < n {
				c.ended = true // nobody asked for what follows: do not keep it
			}
			s.finish(c, st, now)
			return
		}
		if n < len(s.buf) && !c.ended {
			return
		}
	}
	s.later(c)
}

// finish ends a request by what its answer has come to.
func (s *shard) finish(c *conn, st step, now time.Duration) {
	switch st {
	case whole:
		s.done(c, c.answer.judge(), now)
	case broken:
		s.fail(c, loadgen.Malformed, now)
		s.free(c, now)
	default:
		s.cut(c, loadgen.ClosedEarly, now)
	}
}

// cut ends a request whose connection broke: a second try, if it was one that
// had been kept open and an answer had not begun, else a failure.
func (s *shard) cut(c *conn, out loadgen.Outcome, now time.Duration) {
	if c.kept && c.received == 0 && c.request.idempotent && !c.job.stale {
		c.pool.leave(c)
		c.shut()
		c.job.stale = true
		s.assign(c, c.job)
		return
	}
	s.fail(c, out, now)
	s.free(c, now)
}

// done records a whole answer and frees the connection.
func (s *shard) done(c *conn, out loadgen.Outcome, now time.Duration) {
	if c.answer.head.close || c.ended || c.state == sending {
		// An answer before the request was written leaves no usable connection.
		s.record(c, out, now)
		c.shut()
	} else {
		s.record(c, out, now)
	}
	s.free(c, now)
}

// fail records a request that did not get its answer, and closes.
func (s *shard) fail(c *conn, out loadgen.Outcome, now time.Duration) {
	if !c.job.begun { // it was not sent: this is when it was tried
		c.job.sent, c.job.begun = c.since, true
		if s.closedLoop {
			c.job.due = c.since
		}
	}
	s.record(c, out, now)
	c.shut()
}

func (s *shard) record(c *conn, out loadgen.Outcome, now time.Duration) {
	p, j := c.pool, &c.job
	p.leave(c)
	c.busy = false
	written := 0
	if c.state == sending || c.state == waiting {
		written = len(c.request.bytes) - len(c.out)
	}
	p.rec.Add(loadgen.Record{
		Due: j.due, Sent: j.sent, FirstByte: j.first, Done: now,
		Outcome: out, Status: c.answer.head.status,
		Settling: j.settling, Stale: j.stale,
		SentBytes: written, ReceivedBytes: c.received,
	})
	if out != loadgen.OK {
		s.tooManyErrors(p)
	}
}
