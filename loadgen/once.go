package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"ancmbench"
)

// Once sends the first request of a target's workload, as Ask does, and returns the time
// from connecting to the last byte of the answer. Cold starts are measured with it, and
// targets checked.
func Once(ctx context.Context, target ancmbench.Target) (time.Duration, error) {
	if len(target.Workload.Requests) == 0 {
		return 0, errors.New("the workload has no request")
	}
	q := target.Workload.Requests[0]
	if rowsOf(target.Workload, q) > 0 {
		q = target.Workload.Vars.Fill(q, 0)
	}
	seen, err := Ask(ctx, target, q)
	return seen.Took, err
}

// Seen is one complete answer.
type Seen struct {
	// Took is the time from connecting to the last byte.
	Took   time.Duration
	Status int
	// Bytes is the length of the body, and SHA256 its hash.
	Bytes  int64
	SHA256 [sha256.Size]byte
}

// Ask sends a request to a target over a new connection, with the protocol of the target.
// It follows no redirect. It fails if there is no complete answer, or if the answer is not
// what the target and the request expect; in the second case it returns what it has seen as
// well.
func Ask(ctx context.Context, target ancmbench.Target, q ancmbench.Request) (Seen, error) {
	req, err := newRequest(ctx, target, q)
	if err != nil {
		return Seen{}, err
	}
	want := target.Expect.With(q.Expect)
	x, err := NewExpectation(want)
	if err != nil {
		return Seen{}, err
	}
	began := time.Now()
	if target.Protocol == "h2" || target.Protocol == "h2c" {
		tr := http2Transport(target)
		defer tr.CloseIdleConnections()
		resp, err := tr.RoundTrip(req)
		if err != nil {
			return Seen{}, errors.Join(ctx.Err(), err)
		}
		return readSeen(ctx, began, want, x, resp)
	}
	conn, err := dialOnce(ctx, target)
	if err != nil {
		return Seen{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := req.Write(conn); err != nil {
		return Seen{}, errors.Join(ctx.Err(), err)
	}
	answer := &strictReader{from: conn}
	answer.parser.Reset(new(Expectation), nil, req.Method == http.MethodHead)
	resp, err := http.ReadResponse(bufio.NewReader(answer), req)
	if err != nil {
		return Seen{}, errors.Join(ctx.Err(), err)
	}
	return readSeen(ctx, began, want, x, resp)
}

// readSeen reads the body of an answer and compares the answer with what was expected.
func readSeen(ctx context.Context, began time.Time, want ancmbench.Expect, x *Expectation, resp *http.Response) (Seen, error) {
	defer resp.Body.Close()
	body := &bodyReader{want: x, sum: sha256.New()}
	body.answer.Begin()
	for _, name := range x.FieldNames() {
		for _, v := range resp.Header.Values(name) {
			x.Field(&body.answer, []byte(name), []byte(v))
		}
	}
	if resp.StatusCode != http.StatusSwitchingProtocols { // whose stream has no end
		if _, err := io.Copy(body, resp.Body); err != nil {
			return Seen{}, errors.Join(ctx.Err(), fmt.Errorf("the answer was cut short: %w", err))
		}
	}
	seen := Seen{Took: time.Since(began), Status: resp.StatusCode, Bytes: body.answer.length}
	body.sum.Sum(seen.SHA256[:0])
	if err := checkOnce(want, resp); err != nil {
		return seen, err
	}
	if out := x.Judge(&body.answer, resp.StatusCode); out != OK {
		return seen, errors.New(ownWords[out])
	}
	return seen, nil
}

// bodyReader takes in a body.
type bodyReader struct {
	want   *Expectation
	answer Answer
	sum    hash.Hash
}

func (b *bodyReader) Write(piece []byte) (int, error) {
	b.want.Body(&b.answer, piece)
	return b.sum.Write(piece)
}

// strictReader passes one answer on and fails where Parser fails. So a head cannot be
// endless, and Once accepts only what the engines accept as well.
type strictReader struct {
	from   io.Reader
	parser Parser
}

func (r *strictReader) Read(b []byte) (int, error) {
	for {
		n, err := r.from.Read(b)
		if n == 0 {
			return 0, err
		}
		used, kept, step := r.parser.Strip(b[:n])
		switch {
		case step == Broken:
			return 0, fmt.Errorf("malformed answer: %s", r.parser.Why())
		case step == Whole && used < n && !r.parser.Switched():
			return 0, fmt.Errorf("malformed answer: %s", Unasked)
		case kept > 0:
			return kept, err
		case err != nil:
			return 0, err
		}
	}
}

// http2Transport returns a transport for one request over HTTP/2; net/http does the framing.
func http2Transport(target ancmbench.Target) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(target.Protocol == "h2")
	protocols.SetUnencryptedHTTP2(target.Protocol == "h2c")
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return dialOnce(ctx, target) }
	return &http.Transport{DialContext: dial, DialTLSContext: dial, Protocols: protocols, DisableCompression: true}
}

func newRequest(ctx context.Context, target ancmbench.Target, q ancmbench.Request) (*http.Request, error) {
	scheme := target.Scheme
	if scheme == "" {
		scheme = "http"
	}
	host := HostField(target)
	req, err := http.NewRequestWithContext(ctx, q.Method, scheme+"://"+host+EscapePath(q.Path), bytes.NewReader(q.Body))
	if err != nil {
		return nil, err
	}
	for _, f := range q.Header {
		req.Header.Add(f.Name, f.Value)
	}
	return req, nil
}

func dialOnce(ctx context.Context, target ancmbench.Target) (net.Conn, error) {
	network := target.Network
	if network == "" {
		network = "tcp"
	}
	if target.Scheme == "https" {
		config, err := TLSConfig(target, nil)
		if err != nil {
			return nil, err
		}
		d := tls.Dialer{Config: config}
		return d.DialContext(ctx, network, target.Address)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, target.Address)
}

// checkOnce returns an error that says in one sentence how an answer differs from what
// was expected; nil if it does not.
func checkOnce(want ancmbench.Expect, resp *http.Response) error {
	for _, f := range want.Header {
		if got := resp.Header.Get(f.Name); f.Name == ancmbench.ModelHeader && got != f.Value {
			return fmt.Errorf("%w: asked %q, answered by %q", ErrWrongModel, f.Value, got)
		}
	}
	status := fmt.Sprint(resp.StatusCode)
	if full := resp.Header.Get(ancmbench.ErrorHeader); full != "" {
		status = full // with the sub-status
	}
	right, err := statusesOf(want)
	if err != nil || right.has(resp.StatusCode) {
		return err
	}
	if Redirects(resp.StatusCode) {
		status += " (a redirect, which is not followed)"
	}
	expected := "a 2xx was"
	switch {
	case len(want.Statuses) > 0:
		expected = strings.Join(want.Statuses, ", ") + " were"
	case want.Status != 0:
		expected = fmt.Sprint(want.Status, " was")
	}
	return &StatusError{Status: resp.StatusCode, text: fmt.Sprintf("status %s where %s expected", status, expected)}
}

// StatusError is the error for a complete answer with an unexpected status.
type StatusError struct {
	Status int
	text   string
}

func (s *StatusError) Error() string { return s.text }

// ErrWrongModel is wrapped by the error for an answer from another model than the one
// that was asked.
var ErrWrongModel = errors.New("answer from the wrong model")
