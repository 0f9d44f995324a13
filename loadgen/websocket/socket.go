package websocket

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"ancmbench"
	"ancmbench/loadgen"
)

// defaultMessage is the length of a message for a workload without a body.
const defaultMessage = 64

// mostMessage limits an answer.
const mostMessage = 16 << 20

// socket is one connection, used by one goroutine at a time.
type socket struct {
	target  *target
	message []byte
	answer  []byte
	client  *http.Client
	conn    *websocket.Conn // nil if not open
	began   bool            // it was opened once
	wrong   bool            // another model answered the handshake
}

func newSocket(t *target) *socket {
	message := t.spec.Workload.Requests[0].Body
	if len(message) == 0 {
		message = bytes.Repeat([]byte{'m'}, defaultMessage)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, cmp.Or(t.spec.Network, "tcp"), t.spec.Address)
	}
	return &socket{target: t, message: message, answer: make([]byte, len(message)+1),
		client: &http.Client{Transport: &http.Transport{DialContext: dial, MaxResponseHeaderBytes: loadgen.MaxHead}}}
}

// open opens the connection. It fails if the handshake fails or another model answers it.
func (s *socket) open(ctx context.Context, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	q := s.target.spec.Workload.Requests[0]
	header := http.Header{}
	for _, f := range q.Header {
		header.Add(f.Name, f.Value)
	}
	conn, resp, err := websocket.Dial(ctx, "ws://"+loadgen.HostField(s.target.spec)+loadgen.EscapePath(q.Path), &websocket.DialOptions{HTTPClient: s.client, HTTPHeader: header})
	if err != nil {
		if resp != nil {
			err = &statusError{resp.StatusCode, err}
		}
		return err
	}
	conn.SetReadLimit(mostMessage)
	if s.began {
		s.target.mu.Lock()
		s.target.recorder.Opened(1)
		s.target.mu.Unlock()
	}
	s.conn, s.began, s.wrong = conn, true, false
	for _, f := range s.target.spec.Expect.Header {
		if http.CanonicalHeaderKey(f.Name) == ancmbench.ModelHeader && resp.Header.Get(f.Name) != f.Value {
			s.wrong = true
		}
	}
	return nil
}

// statusError is the error for a handshake with another status than 101.
type statusError struct {
	status int
	error
}

func (s *statusError) Unwrap() error { return s.error }

func (s *statusError) Error() string { return fmt.Sprintf("status %d: %v", s.status, s.error) }

func (s *socket) close() {
	if s.conn != nil {
		_ = s.conn.CloseNow()
		s.conn = nil
	}
}

// roundTrip sends one message and records the outcome. due is negative in a closed loop,
// in which a message is due when its socket starts it. wait is how long the message waited
// for a free socket.
func (r *run) roundTrip(s *socket, due, wait time.Duration, settling bool) {
	rec := loadgen.Record{Due: due, Wait: wait, Settling: settling}
	ctx, cancel := context.WithTimeout(r.ctx, r.plan.Timeout())
	defer cancel()
	rec.Sent = r.now()
	var err error
	if s.conn == nil {
		if err = s.open(ctx, r.plan.Timeout()); err == nil {
			rec.Connect = r.now() - rec.Sent
		}
	}
	if err == nil {
		rec.Sent += rec.Connect
		err = s.exchange(ctx, r, &rec)
	}
	rec.Done = r.now()
	if due < 0 {
		rec.Due = rec.Sent - rec.Connect
	}
	if err != nil {
		rec.Outcome, rec.Status = outcome(err)
		if r.ctx.Err() != nil {
			rec.Outcome, rec.Status = loadgen.Unfinished, 0
		}
		s.close()
	}
	t := s.target
	t.mu.Lock()
	t.recorder.Add(rec)
	sent, failed := t.recorder.Seen()
	t.mu.Unlock()
	if loadgen.TooManyErrors(sent, failed, r.load.MaxErrorShare) {
		r.cancel(fmt.Errorf("%s: %d of %d messages failed: %w", t.spec.Name, failed, sent, loadgen.ErrErrors))
	}
}

// exchange writes the message and reads the answer, which must be the same.
func (s *socket) exchange(ctx context.Context, r *run, rec *loadgen.Record) error {
	if err := s.conn.Write(ctx, websocket.MessageBinary, s.message); err != nil {
		return err
	}
	rec.SentBytes = len(s.message)
	_, reader, err := s.conn.Reader(ctx)
	if err != nil {
		return err
	}
	rec.FirstByte = r.now()
	n, err := io.ReadFull(reader, s.answer) // tries one byte more than expected
	rec.ReceivedBytes = n
	switch {
	case err == nil:
		rec.Outcome = loadgen.WrongAnswer
		_, err = io.Copy(io.Discard, reader)
		return err
	case !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return err
	case s.wrong:
		rec.Outcome = loadgen.WrongModel
	case !bytes.Equal(s.answer[:n], s.message):
		rec.Outcome = loadgen.WrongAnswer
	}
	return nil
}

// outcome returns the outcome of a failure, and its status if there is one.
func outcome(err error) (loadgen.Outcome, int) {
	var status *statusError
	var closed websocket.CloseError
	switch {
	case errors.As(err, &status) && status.status != http.StatusSwitchingProtocols:
		return loadgen.BadStatus, status.status
	case errors.Is(err, context.DeadlineExceeded):
		return loadgen.Timeout, 0
	case errors.Is(err, syscall.ECONNREFUSED):
		return loadgen.Refused, 0
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return loadgen.Reset, 0
	case errors.As(err, &closed), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return loadgen.ClosedEarly, 0
	}
	return loadgen.Failed, 0
}
