package caller

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"
)

// Identity is the user of a request.
type Identity struct {
	Name string `json:"name"`
	// AuthenticationType is the way in which the user was authenticated: "Basic" or
	// "Negotiate".
	AuthenticationType string `json:"authentication_type"`
}

// Records on the wire, in bytes, and the operations.
const (
	recordLength = 9
	replyLength  = 12
	opPass       = 'p' // comes with a descriptor, and is answered
	opRelease    = 'r' // the request is over
)

// maxIdentity bounds an encoded Identity, in bytes: it must fit into a pipe that
// nobody reads yet.
const maxIdentity = 4096

// noNumber is the number in the answer to a descriptor that did not arrive.
const noNumber = 1<<32 - 1

// Errors of passing.
var (
	ErrClosed   = errors.New("caller's identity: the app's process is gone")
	ErrTimeout  = errors.New("caller's identity: the app's process does not take it")
	ErrRefused  = errors.New("caller's identity: the app's process could not take it")
	ErrTooLong  = fmt.Errorf("caller's identity: longer than %d bytes", maxIdentity)
	errNotASock = errors.New("caller's identity: the channel is not a Unix socket")
)

// Passed is an identity that was passed to the app's process.
type Passed struct {
	// Number is the number of the descriptor in that process.
	Number uint32
	id     uint64
}

// Append appends the number as in the field, in hexadecimal digits.
func (p *Passed) Append(b []byte) []byte { return strconv.AppendUint(b, uint64(p.Number), 16) }

// Sender is the worker's end of the channel to one process of the app. It is safe
// for concurrent use.
type Sender struct {
	conn *net.UnixConn

	write sync.Mutex // one record at a time on the wire
	late  []uint64   // to be released, but could not be told yet

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan uint32
	closed  bool
	gone    chan struct{}
}

// NewSender returns a Sender on conn, which it owns from now on. It fails unless conn
// is a Unix stream socket.
func NewSender(conn io.ReadWriteCloser) (*Sender, error) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errNotASock
	}
	s := &Sender{conn: u, waiting: map[uint64]chan uint32{}, gone: make(chan struct{})}
	go s.read()
	return s, nil
}

// Close ends the channel. Calls of Pass that wait fail.
func (s *Sender) Close() {
	_ = s.conn.Close()
	<-s.gone
}

func (s *Sender) read() {
	defer close(s.gone)
	var b [replyLength]byte
	for {
		if _, err := io.ReadFull(s.conn, b[:]); err != nil {
			break
		}
		id := binary.BigEndian.Uint64(b[:])
		s.mu.Lock()
		ch := s.waiting[id]
		delete(s.waiting, id)
		s.mu.Unlock()
		if ch != nil {
			ch <- binary.BigEndian.Uint32(b[8:])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for id, ch := range s.waiting {
		delete(s.waiting, id)
		close(ch)
	}
}

// Pass passes a descriptor of who to the app's process. The caller must release the
// result when the request is over. timeout bounds the wait; zero means no bound. It
// fails if the process does not answer or is gone.
func (s *Sender) Pass(who Identity, timeout time.Duration) (*Passed, error) {
	text, err := json.Marshal(who)
	if err != nil {
		return nil, fmt.Errorf("caller's identity: %w", err)
	}
	if len(text) > maxIdentity {
		return nil, ErrTooLong
	}
	ch := make(chan uint32, 1)
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil, ErrClosed
	}
	s.next++
	id := s.next
	s.waiting[id] = ch
	s.mu.Unlock()
	if err := s.send(id, text, timeout); err != nil {
		s.forget(id)
		return nil, err
	}
	var late <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		late = t.C
	}
	select {
	case number, ok := <-ch:
		switch {
		case !ok:
			return nil, ErrClosed
		case number == noNumber:
			return nil, ErrRefused
		}
		return &Passed{Number: number, id: id}, nil
	case <-late:
		s.forget(id)
		s.Release(&Passed{id: id}) // it may take it yet
		return nil, ErrTimeout
	}
}

func (s *Sender) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiting, id)
}

// send writes a record with a descriptor from which text can be read once.
func (s *Sender) send(id uint64, text []byte, timeout time.Duration) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("caller's identity: %w", err)
	}
	defer r.Close() // the app's process has its own
	_, err = w.Write(text)
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("caller's identity: %w", err)
	}
	s.write.Lock()
	defer s.write.Unlock()
	var until time.Time
	if timeout > 0 {
		until = time.Now().Add(timeout)
	}
	if err := s.conn.SetWriteDeadline(until); err != nil {
		return ErrClosed
	}
	s.catchUp()
	return s.record(opPass, id, rights(r))
}

// Release tells the app's process that the request is over. It closes the descriptor
// unless the app has taken it. Release does not wait.
func (s *Sender) Release(p *Passed) {
	s.write.Lock()
	defer s.write.Unlock()
	s.late = append(s.late, p.id)
	if s.conn.SetWriteDeadline(time.Now().Add(time.Millisecond)) == nil {
		s.catchUp()
	}
}

// catchUp sends the releases that wait. One that cannot be sent waits for the next
// call.
func (s *Sender) catchUp() {
	for len(s.late) > 0 && s.record(opRelease, s.late[0], nil) == nil {
		s.late = s.late[1:]
	}
	if len(s.late) == 0 {
		s.late = nil
	}
}

// record writes one record. A stream socket takes so few bytes as a whole or not at
// all.
func (s *Sender) record(op byte, id uint64, rights []byte) error {
	var b [recordLength]byte
	b[0] = op
	binary.BigEndian.PutUint64(b[1:], id)
	n, _, err := s.conn.WriteMsgUnix(b[:], rights, nil)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded) && n == 0:
		return ErrTimeout
	case err != nil || n < len(b):
		_ = s.conn.Close() // what follows could not be told apart
		return ErrClosed
	}
	return nil
}
