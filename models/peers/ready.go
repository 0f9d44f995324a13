package peers

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var errExited = errors.New("ended")

// ErrNotListening is the error of a Start that waited for all of its StartTimeout.
// Another attempt would take as long again.
var ErrNotListening = errors.New("does not listen")

// Waiting for the port: a table is looked into, quickly at first. No system has
// an event for "somebody listens".
const (
	firstLook = time.Millisecond
	lastLook  = 20 * time.Millisecond
)

// ready returns when the server listens on its port: nil if it was one of ours.
func (s *Server) ready(ctx context.Context) error {
	limit := time.NewTimer(s.timeout)
	defer limit.Stop()
	for pause := firstLook; ; pause = min(pause*3/2, lastLook) {
		look := time.NewTimer(pause)
		select {
		case <-s.exited:
			look.Stop()
			return errExited
		case <-ctx.Done():
			look.Stop()
			return fmt.Errorf("start given up: %w", context.Cause(ctx))
		case <-limit.C:
			look.Stop()
			return fmt.Errorf("%w on %s within %v%s", ErrNotListening, s.Address(), s.timeout, s.elsewhere())
		case <-look.C:
		}
		if up, err := s.listens(); up || err != nil {
			return err
		}
	}
}
