package models

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ancmbench"
)

// Front returns the front that the site runs on: "lean" or "nethttp", and empty for
// a model without one (direct, relay).
func (s *Site) Front() string { return s.front }

// Processes lists the processes that run now; was is always the first. Those of a
// worker that is ending, beside one that serves, are not among them.
func (s *Site) Processes(ctx context.Context) ([]Process, error) {
	var out []Process
	if err := s.control.Call(ctx, opProcesses, nil, &out); err != nil {
		return nil, fmt.Errorf("site %s: processes: %w", s.opt.Name, err)
	}
	return out, nil
}

// Runtime asks every Go process of the site about itself. A role with several
// processes gives their sum (GOMAXPROCS is that of one); a role that does not
// run, or whose program is not ours, is missing.
func (s *Site) Runtime(ctx context.Context) (map[string]ancmbench.GoRuntime, error) {
	var out map[string]ancmbench.GoRuntime
	if err := s.control.Call(ctx, opRuntime, nil, &out); err != nil {
		return nil, fmt.Errorf("site %s: runtime: %w", s.opt.Name, err)
	}
	return out, nil
}

// Recycle ends worker and app gracefully and returns when they are gone. The
// socket stays: a connection that comes meanwhile, or later, starts them anew. What
// has begun is finished, within the limit (Options.Grace), and so is the next
// request of each connection, which is told that the connection ends with it.
// Nothing happens if none runs.
func (s *Site) Recycle(ctx context.Context) error {
	if err := s.control.Call(ctx, opRecycle, nil, nil); err != nil {
		return fmt.Errorf("site %s: recycle: %w", s.opt.Name, err)
	}
	return nil
}

// Kill ends the processes of a role with SIGKILL, to see what happens then, and
// returns when they are gone. It fails if the role does not run. Killing was
// ends the site, and Err will say so.
func (s *Site) Kill(ctx context.Context, role string) error {
	if role == RoleWAS {
		if err := s.was.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("site %s: kill %s: %w", s.opt.Name, role, err)
		}
		select {
		case <-s.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := s.control.Call(ctx, opKill, role, nil); err != nil {
		return fmt.Errorf("site %s: kill %s: %w", s.opt.Name, role, err)
	}
	return nil
}
