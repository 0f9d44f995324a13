package peers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

var errExited = errors.New("ended")

// ErrNotListening and ErrNotReady are the errors of a Start that waited for all of its
// StartTimeout. Another attempt would take as long again.
var (
	ErrNotListening = errors.New("does not listen")
	ErrNotReady     = errors.New("is not ready")
)

// Waiting for the port: a table is looked into, quickly at first. No system has
// an event for "somebody listens".
const (
	firstLook = time.Millisecond
	lastLook  = 20 * time.Millisecond
)

// await returns when the server listens and is ready, nil if it was one of ours.
func (s *Server) await(ctx context.Context) error {
	limit := time.NewTimer(s.timeout)
	defer limit.Stop()
	if err := s.poll(ctx, limit.C, s.up, func() error {
		return fmt.Errorf("%w on %s within %v%s%s", ErrNotListening, s.Address(), s.timeout, s.elsewhere(), s.hint())
	}); err != nil {
		return err
	}
	select {
	case <-s.tail.seen:
	case <-s.exited:
		return errExited
	case <-ctx.Done():
		return fmt.Errorf("start given up: %w", context.Cause(ctx))
	case <-limit.C:
		return fmt.Errorf("%w: no line of its output has %q within %v", ErrNotReady, s.launch.ready.Log, s.timeout)
	}
	var last error
	return s.poll(ctx, limit.C, func() (bool, error) {
		last = s.probe(ctx)
		return last == nil, nil
	}, func() error { return fmt.Errorf("%w: %w, within %v", ErrNotReady, last, s.timeout) })
}

// poll looks again and again until look reports true or fails. late is the error of the
// time limit.
func (s *Server) poll(ctx context.Context, limit <-chan time.Time, look func() (bool, error), late func() error) error {
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		next := time.NewTimer(pause)
		select {
		case <-s.exited:
			next.Stop()
			return errExited
		case <-ctx.Done():
			next.Stop()
			return fmt.Errorf("start given up: %w", context.Cause(ctx))
		case <-limit:
			next.Stop()
			return late()
		case <-next.C:
		}
		if up, err := look(); up || err != nil {
			return err
		}
	}
}

// up reports whether the server listens where it should.
func (s *Server) up() (bool, error) {
	if s.socket == "" {
		return s.listens()
	}
	c, err := net.DialTimeout("unix", s.socket, time.Second)
	if err != nil {
		return false, nil
	}
	// The folder is the server's own, and what stands before the socket may run as another
	// user, who needs to write to it.
	return true, errors.Join(c.Close(), os.Chmod(s.socket, 0o777))
}

// hint says how a command learns its port, if its line does not have it.
func (s *Server) hint() string {
	if !s.hidden {
		return ""
	}
	return "; its command has no {port}, so it must listen on the port in the variable PORT"
}

// probe returns nil if the server gives the answer that shows that it is ready.
func (s *Server) probe(ctx context.Context) error {
	want := s.launch.ready
	if want.HTTP == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+probeHost(s)+want.HTTP, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, s.network(), s.address())
	}}
	a, err := transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("no answer to GET %s: %w", want.HTTP, err)
	}
	_ = a.Body.Close()
	switch {
	case want.Status != 0 && a.StatusCode != want.Status:
		return fmt.Errorf("answers %d to GET %s, not %d", a.StatusCode, want.HTTP, want.Status)
	case want.Status == 0 && (a.StatusCode < 200 || a.StatusCode > 399):
		return fmt.Errorf("answers %d to GET %s", a.StatusCode, want.HTTP)
	}
	return nil
}

func probeHost(s *Server) string {
	if s.socket != "" {
		return "localhost"
	}
	return s.address()
}
