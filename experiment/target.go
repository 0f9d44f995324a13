package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/models/ancm/eventlog"
)

// target is one target while its processes live.
type target struct {
	spec    TargetSpec
	running targets.Running
	idle    map[ancmbench.Role]*ancmbench.MemoryUse // nil until it is read
	idleErr error                                   // why not all of it could be read
	// death is the error that died found.
	death error
}

// asked returns what the engine gets for this target, at a front of it; empty means the
// one that the TargetSpec asks for.
func (a *target) asked(front string) (ancmbench.Target, error) {
	t, err := a.running.Target(front)
	t.Name, t.TwinOf = a.spec.Name, a.spec.TwinOf
	return t, err
}

// hasRole reports whether a process of the target plays a role.
func (a *target) hasRole(role string) bool {
	return slices.Contains(a.running.Info().Roles, ancmbench.Role(role))
}

// lastWords quotes the last lines that the target's processes wrote, or returns "".
func (a *target) lastWords(ctx context.Context) string {
	return quoted(eventlog.LastLines(a.running.LastWords(ctx)))
}

// quoted returns the last words of a process in the form that they have everywhere, or "" if
// there are none.
func quoted(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "; its last words:\n" + strings.Join(lines, "\n")
}

// readIdle reads and keeps the memory of each role before any load.
func (a *target) readIdle(ctx context.Context) {
	a.idle, a.idleErr = a.running.Memory(ctx)
}

// died returns an error with the last output if one of the target's long-lived processes
// has ended by itself, and nil otherwise. Later calls return the same error.
func (a *target) died() error {
	if a.death == nil {
		select {
		case <-a.running.Done():
			if err := a.running.Err(); err != nil {
				a.death = &Died{Target: a.spec.Name, Err: err}
			}
		default:
		}
	}
	return a.death
}

// Died is the error of a target of which a process ended by itself while it was measured.
type Died struct {
	Target string
	// Err says how, with the target's name and the last lines that it wrote.
	Err error
}

func (d *Died) Error() string { return d.Err.Error() }

// Unwrap returns Err.
func (d *Died) Unwrap() error { return d.Err }

// finish stops the target's processes and returns err, the first error of its trials,
// joined with the error that explains it: the death of a process, unless err has it, or
// else the error of stop. For a dead target stop reports only consequences, which are
// left out.
func (a *target) finish(ctx context.Context, err error) error {
	died, stopped := a.died(), a.running.Stop(ctx)
	switch {
	case died == nil:
		return errors.Join(err, stopped)
	case errors.Is(err, died):
		return err
	}
	return errors.Join(err, died)
}

// startTarget starts a target and fails if it does not start. A bundled model has no
// worker and no app until its first request. A command must serve the path that it is
// asked for.
func (r *runner) startTarget(ctx context.Context, spec TargetSpec) (*target, error) {
	running, err := r.start(ctx, spec, r.place(), r.report)
	if err != nil {
		return nil, err
	}
	a := &target{spec: spec, running: running}
	if spec.Command != nil {
		if err := r.answersAtAll(ctx, a); err != nil {
			return nil, errors.Join(fmt.Errorf("%s does not start: %w", spec.Name, err), running.Stop(ctx))
		}
	}
	return a, nil
}

// place returns where the run's targets are started.
func (r *runner) place() targets.Place {
	return targets.Place{Run: r.id, CPUs: r.run.Host.ServerCores, GOMAXPROCS: r.serverProcs(), Env: targets.DotnetEnvironment(r.cfg.Profile.Dotnet, r.cfg.Program != "", os.LookupEnv), Fronts: frontsOf(r.cfg.Profile),
		Front: r.cfg.Front, WebConfig: r.cfg.WebConfig, ModuleVersion: r.cfg.ModuleVersion, PathBase: r.cfg.PathBase, Native: r.cfg.Native}
}

// serverCores returns the cores of the machine that runs the servers.
func (r *runner) serverCores() float64 {
	if i := slices.IndexFunc(r.cfg.Machines, func(m ancmbench.Machine) bool { return m.Serve }); i >= 0 {
		return r.cfg.Machines[i].Host.CoresAllowed
	}
	return r.run.Host.CoresAllowed
}
