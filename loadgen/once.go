package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"ancmbench"
)

// Once sends the first request of a target's workload over a new connection, with the
// protocol of the target, and returns the time from connecting to the last byte of the
// answer. It fails if there is no complete answer, or if the answer's status or model is
// not the expected one. Cold starts are measured with it, and targets checked.
func Once(ctx context.Context, target ancmbench.Target) (time.Duration, error) {
	req, err := onceRequest(ctx, target)
	if err != nil {
		return 0, err
	}
	if target.Protocol == "h2" || target.Protocol == "h2c" {
		return onceHTTP2(req, target)
	}
	began := time.Now()
	conn, err := dialOnce(ctx, target)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := req.Write(conn); err != nil {
		return 0, errors.Join(ctx.Err(), err)
	}
	want, err := NewExpectation(ancmbench.Expect{})
	if err != nil {
		return 0, err
	}
	answer := &strictReader{from: conn}
	answer.parser.Reset(want, nil, req.Method == http.MethodHead)
	resp, err := http.ReadResponse(bufio.NewReader(answer), req)
	if err != nil {
		return 0, errors.Join(ctx.Err(), err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols { // whose stream has no end
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return 0, errors.Join(ctx.Err(), fmt.Errorf("the answer was cut short: %w", err))
		}
	}
	took := time.Since(began)
	return took, checkOnce(target.Expect, resp)
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

// onceHTTP2 is Once for HTTP/2; net/http does the framing.
func onceHTTP2(req *http.Request, target ancmbench.Target) (time.Duration, error) {
	protocols := new(http.Protocols)
	protocols.SetHTTP2(target.Protocol == "h2")
	protocols.SetUnencryptedHTTP2(target.Protocol == "h2c")
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return dialOnce(ctx, target) }
	tr := &http.Transport{DialContext: dial, DialTLSContext: dial, Protocols: protocols, DisableCompression: true}
	defer tr.CloseIdleConnections()
	began := time.Now()
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return 0, errors.Join(req.Context().Err(), err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return 0, errors.Join(req.Context().Err(), fmt.Errorf("the answer was cut short: %w", err))
	}
	took := time.Since(began)
	return took, checkOnce(target.Expect, resp)
}

func onceRequest(ctx context.Context, target ancmbench.Target) (*http.Request, error) {
	if len(target.Workload.Requests) == 0 {
		return nil, errors.New("the workload has no request")
	}
	q := target.Workload.Requests[0]
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
