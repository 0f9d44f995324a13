package targets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
)

// ErrFinal is wrapped by the error of a Start that another attempt would not mend: the
// target has had all of its time.
var ErrFinal = errors.New("another attempt would take as long again")

// final is an error that wraps ErrFinal and keeps its own words.
type final struct{ error }

func (f final) Unwrap() error        { return f.error }
func (f final) Is(target error) bool { return target == ErrFinal }

// Local starts targets on this machine.
type Local struct {
	// Ledger gets an account of each target, so that its CPU is not taken for load from
	// outside the run. It may be nil.
	Ledger *usage.Ledger

	mu sync.Mutex
	// seen has the processes of servers that we did not start, from one fresh start to the
	// next, by target.
	seen map[string]seenServer
}

// seenServer is a running server as it was at the end of a fresh start.
type seenServer struct {
	procs  []usage.Role
	listed []ancmbench.Process
}

// remember returns a function that keeps what is known of a target, and what was kept last.
func (l *Local) remember(name string) (last seenServer, keep func(seenServer)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[name], func(s seenServer) {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.seen == nil {
			l.seen = map[string]seenServer{}
		}
		l.seen[name] = s
	}
}

// Start is a targets.Start. A bundled model has no worker and no app until its first
// request.
func (l *Local) Start(ctx context.Context, spec Spec, place Place, report func(ancmbench.SiteEvent)) (Running, error) {
	c := counting{name: spec.Name, roles: spec.Roles(), ledger: l.Ledger, foreign: spec.Foreign()}
	if spec.Foreign() {
		a, err := attach(spec, c)
		if err != nil {
			return nil, err
		}
		var last seenServer
		last, a.keep = l.remember(spec.Name)
		a.procs, a.listed = last.procs, last.listed // so that a restart since then is seen
		return a, nil
	}
	c.group(place.Run)
	var a Running
	var err error
	switch {
	case spec.Command != nil:
		a, err = startCommand(ctx, spec, place, c, report)
	case spec.Model.Proxy():
		a, err = startProxy(ctx, spec, place, c, report)
	default:
		a, err = startModel(ctx, spec, place, c, report)
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not start: %w", spec.Name, err)
	}
	return a, nil
}

// stopping returns a context for the end of a target, which must not end with the run's.
func stopping(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}
