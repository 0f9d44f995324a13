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

// conn is one connection of a shard, with its current request.
type conn struct {
	fd    int32 // -1 if closed
	slot  int32 // in shard.conns
	gen   int32 // counts the descriptors, to recognize events of an earlier one
	state state
	kept  bool // was open and idle before the current request
	ended bool // the server has closed its side
	busy  bool // has a current request
	again bool // is in shard.again
	right bool // the last answer was as expected

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
	answer   loadgen.Parser
	good     int64 // answers as expected since it was opened, of this run
}

// shut closes the descriptor. gen identifies its events that were fetched already.
func (c *conn) shut() {
	if c.fd >= 0 {
		unix.Close(int(c.fd))
		c.fd = -1
		c.gen++
	}
	c.state, c.kept, c.ended = closed, false, false
}

// open begins to connect c, which has no descriptor and may have a request.
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

// connected handles the end of connecting; spoke reports whether there is something to read.
func (s *shard) connected(c *conn, spoke bool) {
	code, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	if err != nil {
		s.unopened(c, err)
		return
	}
	c.good, c.right = 0, false
	if spoke && s.spokeFirst(c) {
		return
	}
	if !c.busy {
		c.pool.leave(c)
		c.pool.rest(c)
		return
	}
	s.transmit(c)
}

// spokeFirst handles a new connection on which bytes or the end arrived before any
// request. It reports false if nothing had arrived.
func (s *shard) spokeFirst(c *conn) bool {
	n, errno := receive(c.fd, s.buf)
	if errno != 0 && errno != unix.ECONNRESET {
		return false
	}
	why := loadgen.Unasked
	if n > 0 && errno == 0 {
		if c.pool.rec.GaveUp(); loadgen.SpeaksHTTP2(s.buf[:n]) {
			why = loadgen.HTTP2Only
		}
	}
	switch {
	case !c.busy: // the next request opens it again and counts a failure
		c.shut()
		c.pool.refused = true
		c.pool.leave(c)
		c.pool.rest(c)
	case errno != 0:
		s.lost(c, loadgen.Reset)
	case n == 0:
		s.lost(c, loadgen.ClosedEarly)
	default:
		s.fail(c, loadgen.Malformed, why, s.now())
		s.pause(c)
	}
	return true
}

// lost ends a request whose connection ended before the request was written.
func (s *shard) lost(c *conn, out loadgen.Outcome) {
	now := s.now()
	s.fail(c, out, "", now)
	s.free(c, now)
}

// unopened handles a failed attempt to connect.
func (s *shard) unopened(c *conn, err error) {
	if !c.busy {
		c.shut()
		c.pool.refused = true
		c.pool.leave(c)
		c.pool.rest(c)
		return
	}
	out, cause := loadgen.Failed, err.Error()
	switch {
	case errors.Is(err, unix.ECONNREFUSED):
		out = loadgen.Refused
	case errors.Is(err, unix.ENOENT):
		out, cause = loadgen.Refused, "no such socket"
	case errors.Is(err, unix.ECONNRESET):
		out = loadgen.Reset
	}
	s.fail(c, out, cause, s.now())
	s.pause(c)
}

// assign gives a request to a free connection, and opens the connection if necessary.
func (s *shard) assign(c *conn, j job) {
	c.job, c.request, c.busy, c.received = j, &c.pool.requests[j.request], true, 0
	if c.fd >= 0 {
		c.kept = true
		s.transmit(c)
		return
	}
	c.kept = false
	now := s.now()
	s.countUntil(now)
	c.pool.enter(c, now)
	s.open(c)
}

// transmit begins to write a request.
func (s *shard) transmit(c *conn) {
	r := c.request
	c.answer.Reset(r.want, r.memo, r.headOnly)
	c.out, c.state = r.bytes, sending
	now := s.now()
	s.countUntil(now)
	if !c.job.begun {
		c.job.sent, c.job.begun = now, true
		if !c.kept {
			c.job.connect = now - c.since
		}
		if s.closedLoop {
			c.job.due = now - c.job.connect
		}
	}
	if !c.kept {
		c.pool.leave(c) // it entered the flight when it began to connect
		c.pool.rec.Opened(1)
	}
	c.pool.enter(c, now)
	s.write(c)
}

// write continues to write until the request is complete or the socket is full.
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
			// The server may have answered before it closed: the bytes that arrived decide.
			c.ended = true
			s.read(c)
			return
		}
	}
}

// readsPerTurn limits the reads of one connection per turn, so that one huge answer does
// not starve the others.
const readsPerTurn = 8

// read reads the bytes that have arrived. If a read does not fill the buffer, the socket is
// empty and the next bytes cause a new event, so it does not read again unless the server
// has closed its side.
func (s *shard) read(c *conn) {
	for range readsPerTurn {
		n, errno := receive(c.fd, s.buf)
		now := s.now()
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			if c.ended && c.state == sending { // the write failed, and no more bytes can arrive
				s.cut(c, loadgen.Reset, now)
			}
			return
		case errno != 0:
			s.cut(c, loadgen.Reset, now)
			return
		case n == 0:
			s.finish(c, c.answer.EOF(), now)
			return
		}
		if c.received == 0 {
			c.job.first = now
		}
		c.received += n
		used, st := c.answer.Feed(s.buf[:n])
		if st != loadgen.More {
			if used < n && st == loadgen.Whole && !c.answer.Switched() {
				if !loadgen.IsTimeout(s.buf[used:n]) {
					s.surplus(c, s.buf[used:n], now)
					return
				}
				c.ended = true
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

// finish ends a request by the last step of its answer.
func (s *shard) finish(c *conn, st loadgen.Step, now time.Duration) {
	switch st {
	case loadgen.Whole:
		s.done(c, c.answer.Judge(), now)
	case loadgen.Broken:
		if c.kept && c.right && c.answer.AtStart() {
			// These bytes are not an answer but the rest of the previous one.
			c.pool.rec.GaveUp()
			c.pool.rec.Recant(1)
		}
		s.fail(c, loadgen.Malformed, c.answer.Why(), now)
		s.free(c, now)
	default:
		s.cut(c, loadgen.ClosedEarly, now)
	}
}

// surplus ends a request if more bytes arrived after its answer: a body that must not be
// there (RFC 9112 6.3), or another answer. In the second case the answer to this request,
// and all earlier ones, may be such unrequested answers.
func (s *shard) surplus(c *conn, rest []byte, now time.Duration) {
	c.pool.rec.GaveUp()
	if loadgen.IsAnswer(rest) {
		c.pool.rec.Recant(c.good)
	}
	s.fail(c, loadgen.Malformed, loadgen.Unasked, now)
	s.free(c, now)
}

// leftover handles bytes on a connection without a request, and closes the connection.
func (s *shard) leftover(c *conn) {
	rec := c.pool.rec
	n, errno := receive(c.fd, s.buf)
	switch {
	case rec == nil:
	case errno == 0 && n > 0 && !loadgen.IsTimeout(s.buf[:n]):
		rec.GaveUp()
		switch {
		case loadgen.IsAnswer(s.buf[:n]):
			rec.Recant(c.good)
		case c.right:
			rec.Recant(1)
		}
	case c.good > 0: // of this run; it answered, and closed the connection afterwards
		rec.ServerClosed(1)
	}
	c.shut()
}

// cut handles a request whose connection broke. It sends the request again if the
// connection had been idle before and no answer had begun; otherwise the request fails.
func (s *shard) cut(c *conn, out loadgen.Outcome, now time.Duration) {
	if c.kept && c.received == 0 && c.good > 0 {
		c.pool.rec.ServerClosed(1) // while it was idle
	}
	if c.kept && c.received == 0 && c.request.idempotent && !c.job.stale {
		c.pool.leave(c)
		c.shut()
		c.job.stale = true
		s.assign(c, c.job)
		return
	}
	s.fail(c, out, "", now)
	s.free(c, now)
}

// done records a whole answer and frees the connection.
func (s *shard) done(c *conn, out loadgen.Outcome, now time.Duration) {
	if c.right = out == loadgen.OK; c.right {
		c.good++
	}
	// An answer before the request was written leaves no usable connection.
	ends := c.answer.Closes() || c.ended || c.state == sending || c.request.closes
	s.record(c, out, "", now)
	if (c.answer.Closes() || c.ended) && !c.request.closes {
		c.pool.rec.ServerClosed(1)
	}
	if ends {
		c.shut()
	}
	s.free(c, now)
}

// fail records a request without an answer and closes its connection. An empty cause means
// the general text for the outcome.
func (s *shard) fail(c *conn, out loadgen.Outcome, cause string, now time.Duration) {
	if !c.job.begun { // it was never sent: use the time of the attempt
		c.job.sent, c.job.begun = c.since, true
		if s.closedLoop {
			c.job.due = c.since
		}
	}
	s.record(c, out, cause, now)
	c.shut()
}

func (s *shard) record(c *conn, out loadgen.Outcome, cause string, now time.Duration) {
	p, j := c.pool, &c.job
	s.countUntil(now)
	p.leave(c)
	c.busy = false
	written := 0
	if c.state == sending || c.state == waiting {
		written = len(c.request.bytes) - len(c.out)
	}
	p.rec.Add(loadgen.Record{
		Due: j.due, Sent: j.sent, FirstByte: j.first, Done: now, Wait: j.wait, Connect: j.connect,
		Outcome: out, Cause: cause, Status: c.answer.Status(),
		Settling: j.settling, Stale: j.stale, Varied: out == loadgen.OK && c.answer.Varied(),
		SentBytes: written, ReceivedBytes: c.received,
	})
	if out != loadgen.OK {
		s.tooManyErrors(p)
	}
}
