package vegeta

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// target is one server under load, with its connections and its records.
type target struct {
	run      *run
	spec     ancmbench.Target
	index    int
	prepared []loadgen.Prepared
	requests []*http.Request // prototypes of prepared, never changed
	conns    *dialer
	http     *http.Transport

	busy  atomic.Int64 // requests that use a connection
	freed atomic.Int64 // when a connection last became free while all were in use, from the start of the trial in ns
	wired atomic.Int64 // requests sent and not done

	queue []call // due and waiting; the pacer's own
	sent  uint64 // closed loop: requests so far; the pacer's own

	mu       sync.Mutex
	recorder *loadgen.Recorder
	thinks   []time.Duration // closed loop: when the connections' think times end, ascending
	loaded   bool            // a slice has begun and not ended
}

func newTarget(ctx context.Context, r *run, index int, config *tls.Config) (*target, error) {
	spec := r.load.Targets[index]
	prepared, err := loadgen.Prepare(spec)
	if err != nil {
		return nil, fmt.Errorf("vegeta engine: %s: %w", spec.Name, err)
	}
	t := &target{run: r, spec: spec, index: index, prepared: prepared, recorder: loadgen.NewRecorder(r.plan, index)}
	for _, q := range prepared {
		req, err := prototype(spec, q.Request)
		if err != nil {
			return nil, err
		}
		t.requests = append(t.requests, req)
	}
	at := spec
	if at.Address, err = loadgen.Reach(ctx, spec); err != nil {
		return nil, fmt.Errorf("vegeta engine: %w", err)
	}
	t.conns, t.http, err = newTransport(at, spec, config, r.load.Connections, r.load.Timeout.D())
	if err == nil {
		t.conns.target = t
	}
	return t, err
}

// prototype returns the request to be sent, with exactly the given fields and those that
// HTTP requires. It fails if the path cannot be parsed.
func prototype(t ancmbench.Target, q ancmbench.Request) (_ *http.Request, err error) {
	u := &url.URL{Scheme: "http", Host: t.Address}
	if t.Scheme == "https" {
		u.Scheme = "https"
	}
	if t.Network == "unix" {
		u.Host = "localhost"
	}
	target := loadgen.EscapePath(q.Path)
	switch path, query, _ := strings.Cut(target, "?"); {
	case target == "*":
		u.Path = "*"
	case strings.HasPrefix(path, "//"): // Opaque would take it as a host
		u.RawPath, u.RawQuery = path, query
		if u.Path, err = url.PathUnescape(path); err != nil {
			return nil, fmt.Errorf("load: target %s: path %q: %w", t.Name, q.Path, err)
		}
	default:
		u.Opaque = target // sent unchanged
	}
	method := q.Method
	if method == "" {
		method = http.MethodGet
	}
	req := &http.Request{Method: method, URL: u, Host: loadgen.HostField(t), Close: loadgen.Closes(q), Header: http.Header{},
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	for _, f := range q.Header {
		name := http.CanonicalHeaderKey(f.Name)
		req.Header[name] = append(req.Header[name], f.Value)
	}
	if _, ok := req.Header["User-Agent"]; !ok {
		req.Header["User-Agent"] = []string{""} // keeps net/http from adding its own
	}
	if len(q.Body) > 0 {
		req.ContentLength = int64(len(q.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(q.Body)), nil }
	}
	return req, nil
}

// request returns a copy of prototype i with context ctx.
func (t *target) request(ctx context.Context, i int) *http.Request {
	req := t.requests[i].WithContext(ctx)
	if req.GetBody != nil {
		req.Body, _ = req.GetBody()
	}
	return req
}

func (t *target) begin(s loadgen.Segment, epoch time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.thinks = t.thinks[:0]
	t.recorder.SliceBegin(s, epoch)
	t.recorder.SliceLate(t.run.now() - epoch)
}

// load marks the beginning of the slice.
func (t *target) load() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.loaded = true
}

func (t *target) end(at time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recorder.SliceEnd(at)
	t.loaded = false
}

func (t *target) shed(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recorder.Shed(int64(n))
}

func (t *target) shedQueue() {
	t.shed(len(t.queue))
	t.queue = t.queue[:0]
}

// pop removes and returns the head of the queue. It moves the rest down only occasionally.
func (t *target) pop() call {
	c := t.queue[0]
	t.queue = t.queue[1:]
	c.wait = max(0, time.Duration(t.freed.Load())-c.noticed)
	return c
}

// nextRequest returns the index in the mix of a closed loop's next request.
func (t *target) nextRequest() int {
	t.sent++
	return t.run.plan.Request(t.index, t.sent-1)
}

// thinking returns how many connections are in their think time, and forgets the others.
func (t *target) thinking(now time.Duration) int {
	if t.run.load.Arrivals.Think == 0 {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for n < len(t.thinks) && t.thinks[n] <= now {
		n++
	}
	t.thinks = append(t.thinks[:0], t.thinks[n:]...)
	return len(t.thinks)
}

// thoughtBy returns when the first think time ends; ok is false if there is none.
func (t *target) thoughtBy() (time.Duration, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.thinks) == 0 {
		return 0, false
	}
	return t.thinks[0], true
}

// add records a request that has ended, and frees its connection.
func (t *target) add(rec loadgen.Record) {
	rec.SentBytes, rec.ReceivedBytes = t.conns.took()
	t.mu.Lock()
	t.recorder.Add(rec)
	sent, failed := t.recorder.Seen()
	if think := t.run.load.Arrivals.Think.D(); think > 0 && !t.run.plan.Open() {
		t.thinks = append(t.thinks, rec.Done+think)
	}
	t.mu.Unlock()
	if loadgen.TooManyErrors(sent, failed, t.run.load.MaxErrorShare) {
		t.run.stop(loadgen.ErrErrors)
	}
	if t.busy.Add(-1) == int64(t.run.load.Connections)-1 {
		t.freed.Store(int64(t.run.now()))
	}
	select {
	case t.run.freed <- struct{}{}:
	default: // the channel holds a signal already
	}
}

func (t *target) close() {
	t.http.CloseIdleConnections()
	t.conns.dropEarly()
}
