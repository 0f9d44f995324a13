//go:build clr && linux && amd64 && cgo

package clr

/*
#include <stdlib.h>
#include "half.h"
*/
import "C"

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"unsafe"

	"ancmbench/models/httpsys"
	"ancmbench/models/httpsys/http1"
)

// errNotTaken is the error of a request that the app does not take any more.
var errNotTaken = errors.New("the app is stopping")

// ServeExchange lets the app answer.
func (a *App) ServeExchange(x *httpsys.Exchange) {
	if err := a.failed.Load(); err != nil {
		x.CloseAfter()
		x.Error(http.StatusInternalServerError, err.Status, "", nil, err)
		return
	}
	s := a.slots.take()
	if s == nil {
		x.Error(http.StatusServiceUnavailable, 0, "", nil, errors.New("too many requests are in the app"))
		return
	}
	defer a.slots.give(s)
	if err := s.fill(x); err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, errTooLarge) {
			status = http.StatusRequestHeaderFieldsTooLarge
		}
		x.CloseAfter()
		x.Error(status, 0, "", nil, err)
		return
	}
	if !x.Watch(s) {
		x.Abort()
		return
	}
	e := exchange{slot: s, slots: a.slots, x: x}
	e.body.begin(s, x)
	if a.sends.Load() {
		s.lend(x)
	}
	if a.direct.Load() {
		C.clr_call(s.c, C.uint64_t(s.generation))
	} else {
		s.tell(C.ASK_REQUEST)
	}
	e.serve()
	x.Unwatch()
	e.end()
}

// ClientGone tells the app that the client has gone (IP-04).
func (s *slot) ClientGone() { s.tell(C.ASK_GONE) }

// exchange is one request on its way through the app.
type exchange struct {
	*slot
	slots *slots
	x     *httpsys.Exchange
	body  body
	conn  net.Conn // once the client's connection is a stream

	flushes, wanted uint32 // how many were seen
	begun           bool   // the head was written
	lent            bool   // and the body, by the app's thread
	broken          bool   // nothing can be written any more
	declared        int64  // Content-Length, -1 if none
	written         int64
}

// serve carries out what the app does, until the request is over.
func (e *exchange) serve() {
	c := e.c
	for {
		over := atomic.LoadUint32(u32(&c.over)) != C.RESPONSE_OPEN // before all else: nothing comes after it
		if atomic.LoadUint32(u32(&c.head_ready)) != 0 && !e.begun && e.mine() {
			e.begin()
		}
		if !e.lent && atomic.LoadUint32(u32(&c.sent)) != 0 {
			e.returned()
		}
		flushes := atomic.LoadUint32(u32(&c.flushes)) // before the bytes that are to be sent
		if e.begun {
			e.take()
			if flushes != e.flushes && !over {
				e.flush()
			}
			e.flushes = flushes
		}
		if wanted := atomic.LoadUint32(u32(&c.body_wanted)); wanted != e.wanted {
			e.wanted = wanted
			e.body.want()
		}
		if over {
			return
		}
		e.slots.wait(e.slot)
	}
}

// lend lets the app's thread send a small whole answer.
func (s *slot) lend(x *httpsys.Exchange) {
	at := s.used
	fd, lines, ok := x.Lend(s.text[at:at])
	if !ok || len(s.text)-at < len(lines)+8 { // lines that do not fit lie elsewhere
		return
	}
	s.used += len(lines)
	s.c.lines = C.span{at: (*C.char)(unsafe.Pointer(&s.text[at])), length: C.uint32_t(len(lines))}
	s.c.lent_fd = C.int32_t(fd)
}

// mine reports whether Go writes the response: unless the app's thread does, or has.
func (e *exchange) mine() bool {
	return atomic.LoadUint32(u32(&e.c.writer)) == C.WRITER_GO || atomic.CompareAndSwapUint32(u32(&e.c.writer), C.WRITER_NONE, C.WRITER_GO)
}

// returned tells the front of the response that the app's thread has sent, and sends what
// the socket did not take of it.
func (e *exchange) returned() {
	e.begun, e.lent = true, true
	e.declared, e.written = int64(e.c.declared_sent), int64(e.c.declared_sent)
	e.c.out_tail = C.uint64_t(e.declared)
	if e.c.rest == nil {
		e.x.Lent(int(e.c.status), e.declared, nil)
		return
	}
	e.x.Lent(int(e.c.status), e.declared, unsafe.Slice((*byte)(unsafe.Pointer(e.c.rest)), int(e.c.rest_length)))
	C.free(unsafe.Pointer(e.c.rest))
	e.c.rest = nil
	e.flush()
}

// begin writes the response's head, or makes the connection a stream.
func (e *exchange) begin() {
	e.begun, e.declared = true, httpsys.AnyLength
	e.readHead()
	if atomic.LoadUint32(u32(&e.c.upgraded)) != 0 {
		e.upgrade()
		return
	}
	if e.c.set_close != 0 || e.body.cut.Load() {
		e.x.CloseAfter()
	}
	e.x.Reason = unsafe.Slice((*byte)(unsafe.Pointer(e.c.head)), int(e.c.reason_length))
	if err := e.x.WriteHead(int(e.c.status), e.fields, e.declared); err != nil {
		e.fail()
	}
}

// readHead makes fields of the slot's head.
func (e *exchange) readHead() {
	e.fields = e.fields[:0]
	head := unsafe.Slice((*byte)(unsafe.Pointer(e.c.head)), int(e.c.head_length))
	const own = int(unsafe.Sizeof(C.head_field{}))
	for at := (int(e.c.reason_length) + 3) &^ 3; at < len(head); {
		f := (*C.head_field)(unsafe.Pointer(&head[at]))
		name := at + own
		value := name + int(f.name_length)
		end := value + int(f.length)
		at = (end + 3) &^ 3
		switch {
		case f.known == -2: // replaced by a later one
		case f.known >= 0:
			e.addKnown(int(f.known), head[value:end:end])
		default:
			e.fields = append(e.fields, http1.Make(head[name:value:value], head[value:end:end]))
		}
	}
}

func (e *exchange) addKnown(id int, value []byte) {
	switch id {
	case knownLength:
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && n >= 0 {
			e.declared = n
		}
		return
	case knownConnection:
		if http1.EqualFold(value, "close") {
			e.x.CloseAfter()
		}
	}
	f := knownResponse[id]
	f.Value = value
	e.fields = append(e.fields, f)
}

// take writes what has come of the body.
func (e *exchange) take() {
	c := e.c
	tail := uint64(c.out_tail) // ours alone
	for {
		n := atomic.LoadUint64(u64(&c.out_head)) - tail
		if n == 0 {
			return
		}
		at := tail % C.OUT
		piece := e.out[at:min(at+n, C.OUT)]
		e.write(piece)
		tail += uint64(len(piece))
		atomic.StoreUint64(u64(&c.out_tail), tail) // before the look at who waits for it
		if atomic.LoadUint32(u32(&c.room_wanted)) != 0 && atomic.SwapUint32(u32(&c.room_wanted), 0) != 0 {
			e.tell(C.ASK_DRAINED)
		}
	}
}

func (e *exchange) write(p []byte) {
	if e.broken {
		return
	}
	if e.lent { // beyond the length that it said
		e.written += int64(len(p))
		return
	}
	var err error
	if e.conn != nil {
		_, err = e.conn.Write(p)
	} else {
		_, err = e.x.Write(p)
	}
	e.written += int64(len(p))
	if err != nil {
		e.fail()
	}
}

func (e *exchange) flush() {
	if e.broken || e.conn != nil {
		return
	}
	if e.x.Flush() != nil {
		e.fail()
	}
}

// fail tells the app that nothing reaches the client any more. What it still writes is
// thrown away.
func (e *exchange) fail() {
	e.broken = true
	atomic.StoreUint32(u32(&e.c.gone), 1)
	e.tell(C.ASK_GONE)
}

// end completes the response, or breaks it if it is not whole.
func (e *exchange) end() {
	e.body.close()
	if e.conn != nil {
		e.hangUp()
		return
	}
	c := e.c
	switch {
	case c.over == C.RESPONSE_REFUSED:
		e.x.CloseAfter()
		e.x.Error(http.StatusServiceUnavailable, 0, "", nil, errNotTaken)
		return
	case c.closed != 0, e.broken:
		e.x.Abort()
		return
	case !e.begun:
		e.x.CloseAfter()
		e.x.Error(http.StatusInternalServerError, 0, "", nil, errors.New("the app has not answered"))
		return
	case e.body.cut.Load():
		e.x.CloseAfter()
	}
	if !e.whole() {
		e.x.Abort()
	}
}

// whole reports whether the response is as it was to be. A response that the server
// itself has made, after an exception, has a status of failure and no body.
func (e *exchange) whole() bool {
	if e.c.completion == C.COMPLETION_FINISH {
		return e.c.status >= 400 && e.written == 0
	}
	bodyless := e.x.Is(http.MethodHead) || e.c.status == http.StatusNoContent || e.c.status == http.StatusNotModified
	return e.c.ended != 0 && (bodyless || e.declared < 0 || e.written == e.declared)
}

// knownResponse are the known fields of responses by their numbers, without values.
var knownResponse = func() (fields [C.KNOWN_RESPONSE]httpsys.Field) {
	names := append(both[:len(both):len(both)], "Accept-Ranges", "Age", "ETag", "Location", "Proxy-Authenticate",
		"Retry-After", "Server", "Set-Cookie", "Vary", "WWW-Authenticate")
	for i, name := range names {
		fields[i] = http1.Make([]byte(name), nil)
	}
	return fields
}()
