package experiment

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models"
	"ancmbench/models/peers"
)

// target is one target while its processes live.
type target struct {
	spec   TargetSpec
	target ancmbench.Target   // what the engine gets; without a workload for a bundled model
	site   *models.Site       // a bundled model, or the backend of a proxy; else nil
	front  string             // the further front of the site that is loaded; empty means its main one
	server *peers.Server      // a proxy, or a command of the user's; else nil
	groups *usage.Cgroups     // nil where there are none
	meter  *usage.Meter       // nil where no process is known
	calls  *usage.SystemCalls // nil except in a memory phase
	book   *usage.Account     // the target's account in the run's ledger; nil if there is none
	roles  []ancmbench.Role
	procs  []usage.Role // the processes when the meter was opened
	idle   map[ancmbench.Role]*ancmbench.MemoryUse
	// unsupported says why there is no meter.
	unsupported string
	// death is the error that died found.
	death error
}

// rolesOf returns the roles of a bundled model's processes.
func rolesOf(m ancmbench.Model) []ancmbench.Role {
	if m.HostsApp() {
		return []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker}
	}
	return []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker, ancmbench.RoleApp}
}

// startTarget starts a target and fails if it does not start. A bundled model has no
// worker and no app until its first request.
func (r *runner) startTarget(ctx context.Context, spec TargetSpec) (*target, error) {
	if spec.foreign() {
		return r.attach(spec), nil
	}
	a := &target{spec: spec, roles: spec.roles()}
	a.group(r.id)
	var err error
	switch {
	case spec.Command != nil:
		err = r.startCommand(ctx, a)
	case spec.Model.Proxy():
		err = r.startProxy(ctx, a)
	default:
		err = r.startModel(ctx, a, spec.Model)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s does not start: %w", spec.Name, err), a.stop(ctx))
	}
	a.target.Name, a.target.TwinOf = spec.Name, spec.TwinOf
	if a.groups != nil {
		// Opened at once, so that starting is not counted as load from outside the run.
		a.book, _ = r.ledger.Open(a.grouped())
	}
	return a, nil
}

// grouped returns the target's roles by their cgroups, without process ids.
func (a *target) grouped() []usage.Role {
	var roles []usage.Role
	for _, name := range a.roles {
		roles = append(roles, usage.Role{Name: name, Cgroup: a.groups.Dirs()[string(name)]})
	}
	return roles
}

// attach returns a target for a running server of the user's. Its processes are looked
// for later, and only if it is on this machine.
func (r *runner) attach(spec TargetSpec) *target {
	a := &target{spec: spec, target: spec.Target}
	host, _, err := net.SplitHostPort(spec.Target.Address)
	if err != nil || !isLoopback(host) {
		a.unsupported = "not on this machine"
		return a
	}
	a.roles = []ancmbench.Role{ancmbench.RoleServer}
	return a
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// measure opens the counters. Call it after the first answer, when every role has its
// processes.
func (a *target) measure(ctx context.Context, ledger *usage.Ledger) error {
	if a.meter != nil || a.roles == nil {
		return nil
	}
	roles, err := a.processes(ctx)
	if err != nil {
		return err
	}
	if a.procs = roles; roles == nil {
		return nil
	}
	if a.meter, err = usage.NewMeter(roles); err != nil {
		a.unsupported, a.meter = err.Error(), nil
	}
	if a.book == nil && a.meter != nil {
		a.book, err = ledger.Open(roles)
	}
	return err
}

// processes returns the target's processes by role, in the order of its roles.
func (a *target) processes(ctx context.Context) ([]usage.Role, error) {
	if a.spec.foreign() {
		return a.serverProcesses()
	}
	pids, err := a.pids(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.spec.Name, err)
	}
	roles := make([]usage.Role, len(a.roles))
	for i, name := range a.roles {
		roles[i] = usage.Role{Name: name, PIDs: pids[name]}
		if a.groups != nil {
			roles[i].Cgroup = a.groups.Dirs()[string(name)]
		}
	}
	return roles, nil
}

// serverProcesses finds the processes that listen on the target's port, and those that
// listen on the loopback ports that the first are connected to.
func (a *target) serverProcesses() ([]usage.Role, error) {
	pids, err := usage.ListenerPIDs(a.target.Address)
	if err != nil || len(pids) == 0 {
		if err == nil {
			err = errors.New("no process of this machine listens there")
		}
		a.roles, a.unsupported = nil, err.Error()
		return nil, nil
	}
	roles := []usage.Role{{Name: ancmbench.RoleServer, PIDs: pids}}
	if up, err := usage.UpstreamPIDs(pids); err == nil && len(up) > 0 {
		roles = append(roles, usage.Role{Name: ancmbench.RoleUpstream, PIDs: up})
	}
	a.roles = a.roles[:0]
	for _, role := range roles {
		a.roles = append(a.roles, role.Name)
	}
	return roles, nil
}

// died returns an error with the last output if one of the target's long-lived processes
// has ended by itself, and nil otherwise. Later calls return the same error.
func (a *target) died() error {
	if a.site != nil && a.death == nil {
		select {
		case <-a.site.Done():
			a.death = fmt.Errorf("%s died: %w", a.spec.Name, a.site.Err())
		default:
		}
	}
	if a.server != nil && a.death == nil {
		select {
		case <-a.server.Done():
			if a.death = a.server.Err(); a.spec.Command == nil { // a command's error begins with the target's name
				a.death = fmt.Errorf("%s died: %w", a.spec.Name, a.death)
			}
		default:
		}
	}
	return a.death
}

// finish stops the target's processes and returns err, the first error of its trials,
// joined with the error that explains it: the death of a process, unless err has it, or
// else the error of stop. For a dead target stop reports only consequences, which are
// left out.
func (a *target) finish(ctx context.Context, err error) error {
	died, stopped := a.died(), a.stop(ctx)
	switch {
	case died == nil:
		return errors.Join(err, stopped)
	case errors.Is(err, died):
		return err
	}
	return errors.Join(err, died)
}

// stop stops the target's processes and removes its cgroups. It leaves a server that we
// did not start running. It fails if a process or a counter reports an error.
func (a *target) stop(ctx context.Context) error {
	err := a.closeMeter()
	if a.book != nil {
		err = errors.Join(err, a.book.Close()) // before its cgroups are removed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if a.server != nil {
		err = errors.Join(err, a.server.Stop(ctx))
	}
	if a.site != nil {
		err = errors.Join(err, a.site.Stop(ctx))
	}
	a.removeGroups()
	return err
}

func (a *target) closeMeter() error {
	if a.meter == nil {
		return nil
	}
	err := a.meter.Close()
	a.meter = nil
	return err
}

func (a *target) removeGroups() {
	if a.groups != nil {
		_ = a.groups.Remove() // the activation service has removed them already, unless it did not start
	}
}
