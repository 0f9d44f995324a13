package vegeta

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"ancmbench/loadgen"
)

// transport is the http.RoundTripper of the attacker's client. It replaces the placeholder
// by the request that is due, reads the whole answer, and returns one without a body to the
// attacker.
type transport run

// hit is one request in flight.
type hit struct {
	run       *run
	call      call
	sent      atomic.Int64 // from the start of the trial, in ns; 0 until known
	firstByte atomic.Int64
	conns     atomic.Int32 // connections that it used; with more than one it is stale
	early     atomic.Bool  // the last one was opened before it was needed
	conn      atomic.Pointer[conn]
	line      atomic.Pointer[line]
	connect   atomic.Int64 // how long its connection took to open, in ns; 0 if it was open
	bodyBytes int64        // received, without framing
	tried     time.Duration
}

// request returns the prototype of the request.
func (h *hit) request() *http.Request { return h.call.target.requests[h.call.request] }

func (h *hit) method() string { return h.request().Method }

// want returns what the answer is expected to be.
func (h *hit) want() *loadgen.Expectation { return h.call.target.prepared[h.call.request].Want }

// RoundTrip sends the due request; the attacker's goroutines call it.
func (tr *transport) RoundTrip(placeholder *http.Request) (*http.Response, error) {
	r := (*run)(tr)
	number, err := strconv.ParseUint(placeholder.Header.Get("X-Vegeta-Seq"), 10, 64)
	if err != nil {
		return nil, errors.New("vegeta did not number its request")
	}
	r.mu.Lock()
	h := &hit{run: r, call: r.pending[number]}
	delete(r.pending, number)
	r.mu.Unlock()
	h.tried = r.now()
	res, rec, err := h.send()
	h.close(&rec)
	if r.results != nil {
		r.results.note(number, h, rec)
	}
	h.call.target.add(rec)
	if l := h.line.Load(); l != nil {
		l.credit(rec.Outcome == loadgen.OK)
	}
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: res.StatusCode, Status: res.Status, Header: http.Header{}, Body: http.NoBody,
		Proto: res.Proto, ProtoMajor: res.ProtoMajor, ProtoMinor: res.ProtoMinor, Request: placeholder}, nil
}

// send sends the request, and sends it again if its connection was stale.
func (h *hit) send() (*http.Response, loadgen.Record, error) {
	t := h.call.target
	slice := h.run.slice.Load()
	ctx, cancel := context.WithTimeout(slice, h.run.plan.Timeout())
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              h.gotConn,
		GotFirstResponseByte: func() { h.firstByte.CompareAndSwap(0, int64(h.run.now())) },
	})
	var rec loadgen.Record
	res, err := t.http.RoundTrip(t.request(ctx, h.call.request))
	if err != nil && h.mayRepeat(ctx, err) {
		t.conns.dropEarly() // they are as old as the closed one
		res, err = t.http.RoundTrip(t.request(ctx, h.call.request))
	}
	if err == nil {
		rec.Outcome, rec.Varied, err = h.read(res)
		rec.Status = res.StatusCode
		if c := h.conn.Load(); res.Close && c != nil && !h.request().Close {
			c.closedByServer()
		}
	}
	if err != nil {
		rec.Outcome, rec.Cause = h.failure(ctx, err)
	}
	return res, rec, err
}

// failure returns the outcome of a failure and its cause.
func (h *hit) failure(ctx context.Context, err error) (loadgen.Outcome, string) {
	switch stopped := context.Cause(ctx); {
	case stopped == nil:
	case errors.Is(stopped, errStopped):
		return loadgen.Unfinished, ""
	case h.conns.Load() == 0:
		return loadgen.Timeout, noConnection
	default: // its own, or the drain's
		return loadgen.Timeout, ""
	}
	if l := h.line.Load(); l != nil {
		if broke, why := l.malformed(); broke { // our reason instead of net/http's error
			return loadgen.Malformed, why
		}
	}
	out := failure(err)
	if c := h.conn.Load(); out == loadgen.Malformed && c != nil && c.ended.Load() {
		return loadgen.ClosedEarly, "" // net/http calls half a line malformed
	}
	return out, cause(err)
}

// mayRepeat reports whether the request may be sent again because its connection was
// stale. net/http itself repeats requests on connections that it has used before, but does
// not know that those opened early are old.
func (h *hit) mayRepeat(ctx context.Context, err error) bool {
	if ctx.Err() != nil || h.firstByte.Load() != 0 || h.conns.Load() != 1 || !h.early.Load() {
		return false
	}
	switch h.method() {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
	default: // not idempotent (RFC 9110 9.2.2)
		return false
	}
	o := failure(err)
	return o == loadgen.ClosedEarly || o == loadgen.Reset
}

func (h *hit) gotConn(info httptrace.GotConnInfo) {
	h.conns.Add(1)
	c := connOf(info.Conn)
	if c != nil && c.uses.Add(1) == 1 && !c.early {
		// It may have been opened for another request, which found a free one meanwhile.
		h.connect.Store(int64(min(c.took, h.run.now()-h.tried)))
	}
	if c == nil || c.shared {
		h.wrote()
		return
	}
	h.early.Store(c.early && c.uses.Load() == 1)
	h.conn.Store(c)
	c.hit.Store(h)
	if l := lineOf(info.Conn); l != nil {
		h.line.Store(l)
		l.next.Store(h)
	}
}

// wrote records when the request was sent, if it is not recorded yet.
func (h *hit) wrote() {
	if h.sent.CompareAndSwap(0, int64(max(1, h.run.now()))) {
		h.call.target.wired.Add(1)
	}
}

// read reads the whole answer and judges it. varied reports whether its body is another one
// than the first.
func (h *hit) read(res *http.Response) (out loadgen.Outcome, varied bool, err error) {
	defer res.Body.Close()
	x := h.want()
	b := buffers.Get().(*buffer)
	defer buffers.Put(b)
	b.answer.Begin()
	for _, name := range x.FieldNames() {
		for _, v := range res.Header.Values(name) {
			x.Field(&b.answer, []byte(name), []byte(v))
		}
	}
	if res.StatusCode == http.StatusSwitchingProtocols { // its body is the connection, and has no end
		return x.Judge(&b.answer, res.StatusCode), false, nil
	}
	for {
		n, err := res.Body.Read(b.bytes[:])
		x.Body(&b.answer, b.bytes[:n])
		h.bodyBytes += int64(n)
		if err == io.EOF {
			if h.bodyBytes > 0 && bodiless(res.StatusCode) {
				return 0, false, &malformedError{loadgen.Unasked}
			}
			out := x.Judge(&b.answer, res.StatusCode)
			return out, b.answer.Varied(), nil
		}
		if err != nil {
			return 0, false, err
		}
	}
}

// bodiless reports whether answers with a status have no body (RFC 9110 6.4.1). In HTTP/2 a
// server can still send one.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// close completes the record. A request that was never sent counts from when it was tried.
func (h *hit) close(rec *loadgen.Record) {
	rec.Done = h.run.now()
	rec.Sent = time.Duration(h.sent.Load())
	rec.Wait, rec.Connect = h.call.wait, time.Duration(h.connect.Load())
	if rec.Sent == 0 {
		rec.Connect = 0
		// No later time may be recorded, so that the counters agree.
		if h.sent.CompareAndSwap(0, int64(max(1, h.tried))) {
			h.call.target.wired.Add(1)
		}
		rec.Sent = time.Duration(h.sent.Load())
	}
	h.call.target.wired.Add(-1)
	rec.FirstByte = time.Duration(h.firstByte.Load())
	rec.Stale = h.conns.Load() > 1
	rec.Due, rec.Settling = h.call.due, h.call.settling
	if rec.Due < 0 {
		rec.Due, rec.Settling = rec.Sent-rec.Connect, rec.Sent < h.call.settled
	}
}
