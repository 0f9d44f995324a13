package rawio

import (
	"io"
	"net"
	"syscall"
)

// socket is the file descriptor under a connection. System calls are made
// without telling the scheduler (RawSyscall): the socket is non-blocking, so
// they do not block, and a hand-over of the processor in the middle of each
// request would cost more than they do.
type socket struct {
	rc syscall.RawConn

	// What the two functions below work on: made once, so that a call
	// allocates no closure.
	readf, callf   func(fd uintptr) bool
	tryf           func(fd uintptr)
	quietf         func(fd uintptr)
	in, out        []byte
	tryOut         []byte
	n, wrote, tryN int
	err, tryErr    error
	sent, isQuiet  bool
}

func (s *socket) init(nc net.Conn) {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return
	}
	s.rc = rc
	s.readf, s.callf, s.tryf = s.readOnce, s.callOnce, s.writeOnce
	s.quietf = func(fd uintptr) { s.isQuiet = quiet(fd) }
}

func (s *socket) quiet() bool {
	s.isQuiet = false
	_ = s.rc.Control(s.quietf) // fails on a closed connection, which is not quiet
	return s.isQuiet
}

func (s *socket) usable() bool { return s.rc != nil }

func (s *socket) read(p []byte) (int, error) {
	s.in, s.n, s.err = p, 0, nil
	err := s.rc.Read(s.readf)
	s.in = nil
	if s.err != nil {
		err = s.err
	}
	return s.n, err
}

func (s *socket) readOnce(fd uintptr) bool {
	n, errno := recv(fd, s.in)
	return s.got(n, errno)
}

func (s *socket) got(n int, errno syscall.Errno) bool {
	switch {
	case errno == syscall.EAGAIN:
		return false
	case errno != 0:
		s.err = errno
	case n == 0:
		s.err = io.EOF
	default:
		s.n = n
	}
	return true
}

// call writes out and waits for an answer, all inside one wait of the runtime's
// poller. With a nil error and read = 0 not all of out was written. A connection
// on which something has come already gives ErrNotQuiet, and nothing is written.
//
// The poller is edge-triggered: it remembers that something has happened, and the
// wait begins by forgetting that. So the order is forget, look, write, wait: what
// happens before the forgetting is found by the look, and what happens after it
// ends the wait. Without the look, an end that came before the call would be
// forgotten, and a peer that does nothing more would be waited for in vain.
func (s *socket) call(out, in []byte) (wrote, read int, err error) {
	s.in, s.out, s.n, s.wrote, s.err, s.sent = in, out, 0, 0, nil, false
	err = s.rc.Read(s.callf)
	s.in, s.out = nil, nil
	if s.err != nil {
		err = s.err
	}
	return s.wrote, s.n, err
}

func (s *socket) callOnce(fd uintptr) bool {
	if s.sent {
		n, errno := recv(fd, s.in)
		return s.got(n, errno)
	}
	if !quiet(fd) {
		s.err = ErrNotQuiet
		return true
	}
	s.sent = true
	n, errno := send(fd, s.out)
	s.wrote = n
	if errno != 0 && errno != syscall.EAGAIN {
		s.err = errno
		return true
	}
	return n < len(s.out)
}

func (s *socket) tryWrite(p []byte) (int, error) {
	s.tryOut, s.tryN, s.tryErr = p, 0, nil
	err := s.rc.Control(s.tryf)
	s.tryOut = nil
	if s.tryErr != nil {
		err = s.tryErr
	}
	return s.tryN, err
}

func (s *socket) writeOnce(fd uintptr) {
	n, errno := send(fd, s.tryOut)
	s.tryN = n
	if errno != 0 && errno != syscall.EAGAIN {
		s.tryErr = errno
	}
}
