//go:build unix

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

	"golang.org/x/sys/unix"
)

// Supported reports whether identities can be passed on this system.
const Supported = true

var errWireCut = errors.New("record cut")

func rights(f *os.File) []byte { return unix.UnixRights(int(f.Fd())) }

// Receiver is the app's end of the channel. It holds the descriptors that were passed
// and not yet taken. It is safe for concurrent use.
type Receiver struct {
	conn *net.UnixConn

	mu     sync.Mutex
	held   map[uint32]uint64 // number to id
	number map[uint64]uint32 // and back
}

// NewReceiver returns a Receiver on conn, which it owns from now on. It fails unless
// conn is a Unix stream socket.
func NewReceiver(conn io.ReadWriteCloser) (*Receiver, error) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errNotASock
	}
	return &Receiver{conn: u, held: map[uint32]uint64{}, number: map[uint64]uint32{}}, nil
}

// Serve receives descriptors until either end is closed, and returns nil then. When
// it returns, no descriptor is held.
func (r *Receiver) Serve() error {
	defer r.drop()
	defer r.conn.Close()
	for {
		err := r.serveOne()
		switch {
		case isEnd(err):
			return nil
		case err != nil:
			return fmt.Errorf("caller's identity: %w", err)
		}
	}
}

// isEnd reports whether err says that one of the ends was closed. A Unix socket that
// is closed with an answer unread resets the other end.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE)
}

func (r *Receiver) serveOne() error {
	op, id, fd, err := r.record()
	if err != nil {
		return err
	}
	switch op {
	case opPass:
		return r.hold(id, fd)
	case opRelease:
		r.release(id)
	}
	return nil
}

// Close ends the channel, and with it Serve.
func (r *Receiver) Close() { _ = r.conn.Close() }

// record reads one record; fd is -1 without a descriptor.
func (r *Receiver) record() (op byte, id uint64, fd int, err error) {
	var b [recordLength]byte
	oob := make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := r.conn.ReadMsgUnix(b[:], oob)
	if err != nil {
		return 0, 0, -1, err
	}
	if n == 0 {
		return 0, 0, -1, io.EOF
	}
	fd = descriptor(oob[:oobn])
	if n < len(b) { // a stream may be cut anywhere
		if _, err := io.ReadFull(r.conn, b[n:]); err != nil {
			if fd >= 0 {
				_ = unix.Close(fd)
			}
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = errWireCut
			}
			return 0, 0, -1, err
		}
	}
	return b[0], binary.BigEndian.Uint64(b[1:]), fd, nil
}

// descriptor returns the descriptor in a message, -1 if there is none.
func descriptor(oob []byte) int {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil || len(messages) == 0 {
		return -1
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) == 0 {
		return -1
	}
	for _, more := range fds[1:] {
		_ = unix.Close(more)
	}
	return fds[0]
}

func (r *Receiver) hold(id uint64, fd int) error {
	number := uint32(noNumber)
	if fd >= 0 {
		number = uint32(fd)
		r.mu.Lock()
		r.held[number], r.number[id] = id, number
		r.mu.Unlock()
	}
	var b [replyLength]byte
	binary.BigEndian.PutUint64(b[:], id)
	binary.BigEndian.PutUint32(b[8:], number)
	_, err := r.conn.Write(b[:])
	return err
}

func (r *Receiver) release(id uint64) {
	r.mu.Lock()
	number, ok := r.number[id]
	delete(r.number, id)
	if ok {
		delete(r.held, number)
	}
	r.mu.Unlock()
	if ok {
		_ = unix.Close(int(number))
	}
}

func (r *Receiver) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for number := range r.held {
		_ = unix.Close(int(number))
	}
	clear(r.held)
	clear(r.number)
}

// Take returns the identity behind the descriptor with this number, and closes it. ok
// is false for a number that was not passed or was taken before.
func (r *Receiver) Take(field string) (Identity, bool) {
	n, err := strconv.ParseUint(field, 16, 32)
	if err != nil {
		return Identity{}, false
	}
	number := uint32(n)
	r.mu.Lock()
	id, ok := r.held[number]
	if ok {
		delete(r.held, number)
		delete(r.number, id)
	}
	r.mu.Unlock()
	if !ok {
		return Identity{}, false
	}
	defer unix.Close(int(number))
	text, err := readAll(int(number))
	var who Identity
	if err != nil || json.Unmarshal(text, &who) != nil || who.Name == "" {
		return Identity{}, false
	}
	return who, true
}

// readAll reads what is in the pipe; all of it was, before it was passed.
func readAll(fd int) ([]byte, error) {
	b := make([]byte, 0, 256)
	for {
		n, err := unix.Read(fd, b[len(b):cap(b)])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return nil, err
		case n == 0:
			return b, nil
		default:
			b = b[:len(b)+n]
			if len(b) > maxIdentity {
				return nil, ErrTooLong
			}
			if len(b) == cap(b) {
				b = append(b, 0)[:len(b)]
			}
		}
	}
}

// Held returns the number of descriptors that were passed and neither taken nor
// released.
func (r *Receiver) Held() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held)
}
