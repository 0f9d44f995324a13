//go:build clr && linux && amd64 && cgo

package clr

/*
#include "half.h"
*/
import "C"

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// body brings the request's body into the slot, a part at a time when the app wants one.
// A goroutine of its own reads: the app may answer while it waits for the rest.
type body struct {
	s    *slot
	read func([]byte) (int, error)
	// interrupt ends a read that waits, and makes all later ones fail.
	interrupt func()

	wants   chan struct{} // nil until a part was wanted
	done    chan struct{} // closed when the goroutine has ended
	mu      sync.Mutex    // held while it reads
	stopped bool
	cut     atomic.Bool // the body cannot be read to its end
}

// begin gives what has been received already.
func (b *body) begin(s *slot, x *httpsys.Exchange) {
	b.s, b.read, b.interrupt = s, x.ReadBody, x.StopBody
	if x.Length == 0 {
		s.c.in_end = C.BODY_ENDED
		return
	}
	have := min(len(x.Ready()), len(s.in))
	if have == 0 {
		return
	}
	n, err := x.ReadBody(s.in[:have]) // does not wait
	s.c.in_head = C.uint64_t(n)
	if err != nil {
		b.fail(err)
	} else if int64(n) == x.Length {
		s.c.in_end = C.BODY_ENDED
	}
}

// fail ends the body.
func (b *body) fail(err error) {
	end := uint32(C.BODY_BROKEN)
	if err == io.EOF {
		end = C.BODY_ENDED
	} else {
		b.cut.Store(true)
	}
	atomic.StoreUint32(u32(&b.s.c.in_end), end)
}

// want lets the next part be read.
func (b *body) want() {
	if b.wants == nil {
		b.wants, b.done = make(chan struct{}, 1), make(chan struct{})
		go b.run()
	}
	b.wants <- struct{}{} // there is room: C wants one part at a time
}

func (b *body) run() {
	defer close(b.done)
	for range b.wants {
		b.mu.Lock()
		if b.stopped {
			b.mu.Unlock()
			return
		}
		head := uint64(b.s.c.in_head) // ours alone; the ring is empty, as the part was wanted
		n, err := b.read(b.s.in[head%C.IN:])
		atomic.StoreUint64(u64(&b.s.c.in_head), head+uint64(n))
		if err != nil {
			b.fail(err)
		}
		b.mu.Unlock()
		b.s.tell(C.ASK_BODY)
	}
}

// close ends the reading. A client that is still to send something loses its connection.
func (b *body) close() {
	if b.wants == nil {
		return
	}
	close(b.wants)
	if !b.mu.TryLock() {
		b.interrupt()
		b.mu.Lock()
	}
	b.stopped = true
	b.mu.Unlock()
	<-b.done
}

// upgrade makes the client's connection a stream of bytes in both directions.
func (e *exchange) upgrade() {
	protocol := ""
	kept := e.fields[:0]
	for _, f := range e.fields {
		switch f.Kind {
		case http1.Upgrade:
			protocol = string(f.Value)
		case http1.Connection, http1.ContentLength, http1.TransferEncoding:
		default:
			kept = append(kept, f)
		}
	}
	e.x.Unwatch()
	conn, read, err := e.x.Switch(protocol, kept)
	if err != nil {
		e.fail()
		return
	}
	e.conn = conn
	e.body.hijacked(conn, read)
}

// hijacked lets the body be what comes on a connection; read has come already.
func (b *body) hijacked(conn net.Conn, read []byte) {
	b.read = func(p []byte) (int, error) {
		if len(read) > 0 {
			n := copy(p, read)
			read = read[n:]
			return n, nil
		}
		return conn.Read(p)
	}
	b.interrupt = func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) } // it fails if the client has gone
}

// hangTime bounds the wait for a client that is to end its side of a stream.
const hangTime = 5 * time.Second

// hangUp ends a stream. What the client still sends is taken, because closing with
// unread bytes would take from it what it has not read yet.
func (e *exchange) hangUp() {
	defer e.conn.Close()
	if e.c.closed != 0 || e.broken {
		return
	}
	w, ok := e.conn.(interface{ CloseWrite() error })
	if !ok || w.CloseWrite() != nil || e.conn.SetReadDeadline(time.Now().Add(hangTime)) != nil {
		return
	}
	_, _ = io.Copy(io.Discard, e.conn) // ends with the client or the deadline
}
