package httpsys

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"ancmbench/models/httpsys/http1"
)

func (e *netExchange) readBody(p []byte) (int, error) {
	for discarded := 0; ; {
		n, err := e.readOnce(p)
		if err != nil || !e.discards() {
			return n, err
		}
		if discarded += n; discarded > discardBytes {
			e.bodyErr = errStopped
			return 0, errStopped
		}
	}
}

// errStopped is the error of ReadBody after StopBody.
var errStopped = errors.New("the reading of the body was stopped")

// discards reports whether what is still read of the body is to be thrown away.
// HTTP/2 has no other way to stop a client that is sending: a stream whose reading
// has ended is reset, and many clients look no more at the answer then, although the
// reset says that nothing is wrong (RFC 9113, 8.1). A body without a length is not
// waited for: it may be one that ends only after the answer has.
func (e *netExchange) discards() bool {
	return e.stopped.Load() && e.r.ProtoMajor == 2 && e.x.Length > 0
}

func (e *netExchange) readOnce(p []byte) (int, error) {
	if e.bodyErr != nil {
		return 0, e.bodyErr
	}
	patience := e.front.o.IdleTimeout
	if e.discards() {
		patience = min(patience, discardPatience)
	}
	_ = e.control().SetReadDeadline(time.Now().Add(patience)) // both protocols have it
	if e.stopped.Load() && !e.discards() {
		_ = e.control().SetReadDeadline(past) // StopBody may have said so before the line above
	}
	n, err := e.r.Body.Read(p)
	if err == nil && e.lastBytes(n) {
		// With HTTP/2 nothing but the end may follow, and only with the end is the body
		// what its length said (RFC 9113, 8.1.1).
		var more int
		if more, err = e.r.Body.Read(make([]byte, 1)); more > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err == io.EOF {
			e.bodyErr = io.EOF
			return n, nil
		}
		n = 0 // nobody is to take it for the whole
	}
	if err == nil {
		return n, nil
	}
	if err == io.EOF && !e.stopped.Load() {
		// Else net/http's watch for the client's going would run into it.
		_ = e.control().SetReadDeadline(time.Time{})
	}
	e.bodyErr = e.bodyError(err)
	e.cut.Store(e.bodyErr != io.EOF)
	return n, e.bodyErr
}

// lastBytes counts what was read of an HTTP/2 body and reports whether that is all
// that its length allows.
func (e *netExchange) lastBytes(n int) bool {
	e.got += int64(n)
	return e.r.ProtoMajor == 2 && e.x.Length > 0 && e.got >= e.x.Length
}

func (e *netExchange) bodyError(err error) error {
	var network net.Error
	switch {
	case err == io.EOF:
		return err
	case errors.As(err, &network) && network.Timeout() && !e.stopped.Load():
		return errBodyTimeout
	case e.r.Context().Err() != nil || errors.Is(err, io.ErrUnexpectedEOF) || network != nil:
		return errors.Join(ErrGone, err)
	}
	return errors.Join(http1.ErrChunk, err)
}

// Bounds of what is read of a body that the handler has left unread, so that the
// connection can go on.
const (
	drainBytes = 256 << 10
	drainTime  = 200 * time.Millisecond
)

// drain makes sure that what is left of an HTTP/1 body is not taken for a
// request: net/http does so only where it knows nothing of full duplex.
func (e *netExchange) drain() {
	if e.r.ProtoMajor == 2 {
		e.drainStream()
		return
	}
	if e.r.Body == http.NoBody || e.hijacked {
		return
	}
	if e.bodyErr == nil && !e.aborted && !e.x.Expect && !e.stopped.Load() {
		_ = e.control().Flush()
		_ = e.control().SetReadDeadline(time.Now().Add(drainTime))
		_, e.bodyErr = io.CopyN(io.Discard, e.r.Body, drainBytes)
	}
	if e.bodyErr == io.EOF {
		return
	}
	// Nothing more is read from this connection, not even by net/http, which
	// would wait for the rest of the body, and then, because that failed, take what
	// comes of it later for the head of a request, and answer that with its own 400.
	_ = e.control().SetReadDeadline(past)
	if !e.aborted && !e.x.Expect {
		// What is here already may be all of it. Left to net/http, its end would start
		// the watch for the client's going when nobody stops that any more.
		if _, err := io.CopyN(io.Discard, e.r.Body, drainBytes); err == io.EOF && e.r.Context().Err() == nil {
			return // no read has failed, after which no request of this connection would live
		}
	}
	e.conn.spoilt = true
	e.front.spoilt.Store(e.conn.Conn, nil)
}

// drainStream takes what is left of an HTTP/2 body, after the response was sent.
func (e *netExchange) drainStream() {
	if e.x.Length <= 0 || e.bodyErr != nil || e.aborted || e.x.Expect {
		return
	}
	_ = e.flush() // fails if the client has gone: the reading will tell
	e.stopped.Store(true)
	_, _ = e.readBody(make([]byte, 32<<10))
}

// past is a deadline that is over.
var past = time.Unix(1, 0)

// changed ends a spoilt connection when net/http, on the connection's goroutine,
// has sent all of the response and is about to wait for the next request.
func (f *netFront) changed(c net.Conn, state http.ConnState) {
	if state != http.StateIdle && state != http.StateClosed {
		return
	}
	if _, spoilt := f.spoilt.LoadAndDelete(c); !spoilt || state == http.StateClosed {
		return
	}
	linger(c, make([]byte, 4<<10))
	_ = c.Close()
}

func (e *netExchange) own() []Field { return e.front.o.Fields }

func (e *netExchange) stopBody() {
	e.closing = true
	e.stopped.Store(true)
	if !e.discards() {
		_ = e.control().SetReadDeadline(past)
		return
	}
	_ = e.flush() // the response is not to wait for what is thrown away
	_ = e.control().SetReadDeadline(time.Now().Add(min(discardPatience, e.front.o.IdleTimeout)))
}

func (e *netExchange) closeAfter() { e.closing = true }

// ready returns nothing: net/http does not show what it has buffered.
func (e *netExchange) ready() []byte { return nil }

func (e *netExchange) trailers() []Field {
	if e.trailer == nil {
		for name, values := range e.r.Trailer {
			for _, v := range values {
				// net/http lets a trailer pass whose name ends in spaces; behind
				// this front such a line would be a field of any kind.
				if f := http1.Make([]byte(name), []byte(v)); http1.ValidToken(f.Name) && http1.ValidValue(f.Value) {
					e.trailer = append(e.trailer, f)
				}
			}
		}
	}
	return e.trailer
}

func (e *netExchange) inform(status int, fields []Field) error {
	h := e.w.Header()
	clear(h)
	for i := range fields {
		e.addField(h, &fields[i])
	}
	e.w.WriteHeader(status)
	clear(h)
	return nil
}

func (e *netExchange) writeHead(status int, fields []Field, length int64) error {
	h := e.w.Header()
	clear(h)
	for i := range fields {
		switch fields[i].Kind {
		case http1.Connection, http1.ContentLength, http1.TransferEncoding, http1.Date, http1.Proof:
		default:
			e.addField(h, &fields[i])
		}
	}
	for _, f := range e.front.own {
		h[f.name] = f.value
	}
	if _, ok := h["Content-Type"]; !ok {
		h["Content-Type"] = nil // else net/http guesses one
	}
	if length >= 0 && status != http.StatusNoContent {
		var digits [20]byte
		h["Content-Length"] = e.words.value(strconv.AppendInt(digits[:0], length, 10))
	}
	e.drop = e.r.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
	if length < 0 && !e.drop && e.r.ProtoAtLeast(1, 1) && e.r.ProtoMajor == 1 {
		// Else net/http adds a length when all of the body is in its buffer.
		h["Transfer-Encoding"] = wordChunked
	}
	if (e.closing || e.cut.Load()) && e.r.ProtoMajor == 1 {
		h["Connection"] = wordClose
	}
	e.left = length
	e.w.WriteHeader(status)
	e.buffered = true
	if length < 0 && !e.drop && e.r.ProtoMajor == 2 {
		return e.flush() // as above, for HTTP/2
	}
	return nil
}

func (e *netExchange) addField(h http.Header, f *Field) {
	name := e.words.name(f.Name)
	value := e.words.value(f.Value)
	if old, ok := h[name]; ok {
		value = append(old[:len(old):len(old)], value...)
	}
	h[name] = value
}

func (e *netExchange) write(p []byte) (int, error) {
	if e.drop {
		return len(p), nil
	}
	if e.left >= 0 {
		if int64(len(p)) > e.left {
			e.aborted = true
			return 0, ErrTooLong
		}
		e.left -= int64(len(p))
	}
	n, err := e.w.Write(p)
	e.buffered = true
	return n, err
}

func (e *netExchange) flush() error {
	if !e.buffered {
		return nil
	}
	e.buffered = false
	return e.control().Flush()
}

func (e *netExchange) writeTrailers(fields []Field) error {
	h := e.w.Header()
	for i := range fields {
		name := http.TrailerPrefix + http.CanonicalHeaderKey(string(fields[i].Name))
		h[name] = append(h[name], string(fields[i].Value))
	}
	return nil
}

func (e *netExchange) hijack() (net.Conn, []byte, error) {
	if !e.x.Upgrade || e.x.began {
		return nil, nil, ErrNoHijack
	}
	conn, rw, err := e.control().Hijack()
	if err != nil {
		return nil, nil, errors.Join(ErrNoHijack, err)
	}
	if e.conn.patient != nil {
		conn = e.conn.patient.release()
	}
	e.hijacked, e.taken = true, conn
	read := make([]byte, rw.Reader.Buffered())
	_, _ = io.ReadFull(rw.Reader, read) // from memory
	return conn, read, nil
}

// watch only notes g: most exchanges are over before their client could go. The
// watchdog turns to the request's context for those that last.
func (e *netExchange) watch(g Gone) bool {
	if e.r.Context().Err() != nil && !e.stopped.Load() {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.watcher = g
	return true
}

// watchContext notifies the watcher when the request's context ends.
func (e *netExchange) watchContext() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.watcher == nil {
		return
	}
	if e.conn.patient != nil { // each time: net/http's watch begins when the body has ended
		e.conn.patient.look()
	}
	if e.stop != nil {
		return
	}
	g, done := e.watcher, make(chan struct{})
	e.watched = done
	e.stop = context.AfterFunc(e.r.Context(), func() {
		defer close(done)
		g.ClientGone()
	})
}

func (e *netExchange) unwatch() bool {
	e.mu.Lock()
	stop, done := e.stop, e.watched
	e.watcher, e.stop, e.watched = nil, nil, nil
	e.mu.Unlock()
	if stop != nil && !stop() {
		<-done
	}
	// net/http takes the end that StopBody puts to reading for the client's.
	return e.stopped.Load() || e.r.Context().Err() == nil
}

func (e *netExchange) abort() { e.aborted = true }

// lend fails: net/http has the connection, and HTTP/2 its streams.
func (e *netExchange) lend([]byte) (fd int, lines []byte, ok bool) { return 0, nil, false }

func (e *netExchange) sent([]byte) {}
