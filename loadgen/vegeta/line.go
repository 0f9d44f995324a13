package vegeta

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"ancmbench/loadgen"
)

// line is a connection of HTTP/1.1 above TLS, on which answers are held against the
// grammar of loadgen.Parser before net/http sees them: it takes forms that are
// malformed, keeps heads of any length, and writes to the program's log what comes
// without a request.
type line struct {
	net.Conn
	own  *conn
	next atomic.Pointer[hit] // the request that it was given and that is not written yet

	mu     sync.Mutex
	parser loadgen.Parser
	hit    *hit  // whose answer is being read, or was read last; nil before the first
	whole  bool  // its answer has been read
	fault  error // ends all reading
	passed bool  // a byte of this answer was handed on
	good   int64 // answers as expected
	right  bool  // the last one was
	spoken bool  // bytes came that no request had asked for
}

// malformedError is an answer that broke the grammar.
type malformedError struct{ why string }

func (e *malformedError) Error() string { return "malformed answer: " + e.why }

// Write begins the answer's parsing with the first byte of its request.
func (l *line) Write(b []byte) (int, error) {
	if h := l.next.Swap(nil); h != nil {
		l.mu.Lock()
		l.hit, l.whole, l.passed = h, false, false
		l.parser.Reset(h.call.target.expect, nil, h.method() == "HEAD")
		l.mu.Unlock()
	}
	return l.Conn.Write(b)
}

// Read hands on what belongs to the answer that is awaited. Bytes without a request are
// the connection's end for net/http, and a fault in the answer an error.
func (l *line) Read(b []byte) (int, error) {
	for {
		if err := l.broken(); err != nil {
			return 0, err
		}
		n, err := l.Conn.Read(b)
		if n == 0 {
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

func (l *line) broken() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fault
}

// take parses b, and gives how many bytes of it net/http is to see.
func (l *line) take(b []byte) (kept int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
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
		if l.right && l.parser.AtStart() { // what was left of the answer before
			l.unasked(b)
		}
		return l.refuse(l.parser.Why())
	case step == loadgen.Whole && used < len(b) && loadgen.IsTimeout(b[used:]):
		l.fault = io.EOF
	case step == loadgen.Whole && used < len(b) && !l.parser.Switched():
		l.unasked(b[used:])
		return l.refuse(loadgen.Unasked)
	case step == loadgen.Whole && l.parser.Switched():
		return len(b), nil // none of HTTP's
	}
	l.whole = step == loadgen.Whole
	l.passed = l.passed || kept > 0
	return kept, nil
}

// refuse ends the reading with a fault of the answer. Its first byte is handed on, since
// net/http sends a request again whose connection failed without one.
func (l *line) refuse(why string) (int, error) {
	l.fault = &malformedError{why}
	if !l.passed {
		return 1, nil
	}
	return 0, l.fault
}

// unasked takes back the answers that may have been bytes like these: all, if they begin
// another answer, and else the one that they were left of.
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

// credit notes how the last answer was judged, after it was recorded.
func (l *line) credit(right bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.right = right && !l.spoken
	switch {
	case l.right:
		l.good++
	case right: // something came behind it, before it was recorded
		t := l.own.dialer.target
		t.mu.Lock()
		t.recorder.Recant(1)
		t.mu.Unlock()
	}
}

// malformed reports whether reading ended for a fault of an answer, or for bytes that no
// request had asked for, and why.
func (l *line) malformed() (broke bool, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var fault *malformedError
	if errors.As(l.fault, &fault) {
		return true, fault.why
	}
	return l.spoken, loadgen.Unasked
}

// lineOf finds our connection above TLS; nil if it is none of ours, as in HTTP/2.
func lineOf(c net.Conn) *line {
	l, _ := c.(*line)
	return l
}
