package models

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Front returns the name of the front that the site runs on, "lean" or "nethttp". It is
// empty for a model without a front (direct, relay).
func (s *Site) Front() string { return s.front }

// Processes returns the processes that run now, the activation service first. The list
// leaves out the processes of a worker that is ending beside another that serves. It
// fails if the site is over.
func (s *Site) Processes(ctx context.Context) ([]Process, error) {
	var out []Process
	if err := s.control.Call(ctx, opProcesses, nil, &out); err != nil {
		return nil, fmt.Errorf("site %s: processes: %w", s.opt.Name, err)
	}
	return out, nil
}

// Runtime returns what the Go runtimes of the site's processes say of themselves, by
// role. A role with several processes has their sum (GOMAXPROCS is that of one). A role
// that does not run, or whose program is not ours, is missing.
func (s *Site) Runtime(ctx context.Context) (map[string]Runtime, error) {
	var out map[string]Runtime
	if err := s.control.Call(ctx, opRuntime, nil, &out); err != nil {
		return nil, fmt.Errorf("site %s: runtime: %w", s.opt.Name, err)
	}
	return out, nil
}

// Recycle ends worker and app gracefully, and returns when they are gone. The socket
// stays open: a connection that comes meanwhile, or later, starts a new worker.
// Requests that have begun are finished within the limit (Options.Grace), and so is the
// next request on each connection, whose answer says that the connection ends. If no
// worker runs, nothing happens.
func (s *Site) Recycle(ctx context.Context) error {
	if err := s.control.Call(ctx, opRecycle, nil, nil); err != nil {
		return fmt.Errorf("site %s: recycle: %w", s.opt.Name, err)
	}
	return nil
}

// Kill ends the processes of a role with SIGKILL, as a crash would, and returns when
// they are gone. It fails if the role does not run. Killing the activation service ends
// the site, and Err reports it.
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
