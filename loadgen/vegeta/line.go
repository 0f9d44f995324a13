package vegeta

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"ancmbench/loadgen"
)

// line is a connection of HTTP/1.1 above TLS. loadgen.Parser checks the answers on it
// before net/http reads them, because net/http accepts some malformed answers and heads of
// any length, and logs bytes that arrive without a request.
type line struct {
	net.Conn
	own  *conn
	next atomic.Pointer[hit] // its next request, not written yet

	mu     sync.Mutex
	parser loadgen.Parser
	hit    *hit  // the request of the current or last answer; nil before the first
	whole  bool  // its answer has been read
	fault  error // ends all reading
	passed bool  // a byte of this answer was passed on
	good   int64 // answers as expected
	right  bool  // the last one was
	spoken bool  // bytes arrived that belong to no request
}

// grammar expects nothing of an answer but that it is one. hit.read judges it.
var grammar = new(loadgen.Expectation)

// malformedError is the error for an answer that violates the grammar.
type malformedError struct{ why string }

func (e *malformedError) Error() string { return "malformed answer: " + e.why }

// Write begins the answer's parsing with the first byte of its request.
func (l *line) Write(b []byte) (int, error) {
	if h := l.next.Swap(nil); h != nil {
		l.mu.Lock()
		l.hit, l.whole, l.passed = h, false, false
		l.parser.Reset(grammar, nil, h.method() == "HEAD")
		l.mu.Unlock()
	}
	return l.Conn.Write(b)
}

// Read passes on the bytes of the current answer. It returns io.EOF for bytes without a
// request, and an error for a malformed answer.
func (l *line) Read(b []byte) (int, error) {
	for {
		if err := l.broken(); err != nil {
			return 0, err
		}
		n, err := l.Conn.Read(b)
		if n == 0 {
			if err == io.EOF && l.answered() {
				l.own.closedByServer()
			}
			return 0, err
		}
		kept, fault := l.take(b[:n])
		if fault != nil {
			err = fault
		}
		if kept > 0 || err != nil {
			return kept, err
		}
	}
}

// answered reports whether the last answer was read to its end, and its request had not
// asked to close the connection.
func (l *line) answered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hit != nil && l.whole && !l.hit.request().Close
}

func (l *line) broken() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fault
}

// take parses b and returns how many bytes of it to pass to net/http.
func (l *line) take(b []byte) (kept int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hit == nil && loadgen.SpeaksHTTP2(b) {
		l.fault = &malformedError{loadgen.HTTP2Only}
		return 0, l.fault
	}
	if l.hit == nil || l.whole {
		if !loadgen.IsTimeout(b) {
			l.unasked(b)
		}
		l.fault = io.EOF
		return 0, l.fault
	}
	used, kept, step := l.parser.Strip(b)
	switch {
	case step == loadgen.Broken:
		if l.right && l.parser.AtStart() { // the rest of the previous answer
			l.unasked(b)
		}
		return l.refuse(l.parser.Why())
	case step == loadgen.Whole && used < len(b) && loadgen.IsTimeout(b[used:]):
		l.fault = io.EOF
	case step == loadgen.Whole && used < len(b) && !l.parser.Switched():
		l.unasked(b[used:])
		return l.refuse(loadgen.Unasked)
	case step == loadgen.Whole && l.parser.Switched():
		return len(b), nil // not HTTP any more
	}
	l.whole = step == loadgen.Whole
	l.passed = l.passed || kept > 0
	return kept, nil
}

// refuse ends the reading with a fault of the answer. It passes at least one byte on,
// because net/http repeats a request if its connection fails before the first byte.
func (l *line) refuse(why string) (int, error) {
	l.fault = &malformedError{why}
	if !l.passed {
		return 1, nil
	}
	return 0, l.fault
}

// unasked counts earlier answers as malformed because of bytes that belong to no request:
// all of them, if the bytes begin another answer, and otherwise only the last one.
func (l *line) unasked(b []byte) {
	t := l.own.dialer.target
	l.spoken = true
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recorder.GaveUp()
	switch {
	case loadgen.IsAnswer(b):
		t.recorder.Recant(l.good)
		l.good = 0
	case l.right:
		t.recorder.Recant(1)
		l.good--
	}
	l.right = false
}

// credit notes whether the last answer was right, after it was recorded.
func (l *line) credit(right bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.right = right && !l.spoken
	switch {
	case l.right:
		l.good++
	case right: // bytes arrived after it, before it was recorded
		t := l.own.dialer.target
		t.mu.Lock()
		t.recorder.Recant(1)
		t.mu.Unlock()
	}
}

// malformed reports whether reading ended because of a malformed answer or of bytes that
// belong to no request, and returns the reason.
func (l *line) malformed() (broke bool, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fault *malformedError
	if errors.As(l.fault, &fault) {
		return true, fault.why
	}
	return l.spoken, loadgen.Unasked
}

// lineOf returns our connection above TLS, or nil if it is not ours, as in HTTP/2.
func lineOf(c net.Conn) *line {
	l, _ := c.(*line)
	return l
}
