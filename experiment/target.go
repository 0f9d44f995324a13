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
	target ancmbench.Target   // without a workload, for a bundled model
	site   *models.Site       // a bundled model, or the backend of a proxy; else nil
	front  string             // which further front of the site is spoken to; empty is its own
	server *peers.Server      // a proxy, or a command of the user's; else nil
	groups *usage.Cgroups     // nil where there are none
	meter  *usage.Meter       // nil where no process is known
	calls  *usage.SystemCalls // nil but in a memory phase
	book   *usage.Account     // the target's page in the run's ledger; nil if there is none
	roles  []ancmbench.Role
	procs  []usage.Role // as they were when the meter was opened
	idle   map[ancmbench.Role]*ancmbench.MemoryUse
	// unsupported is why there is no meter.
	unsupported string
	// death is what died found.
	death error
}

// rolesOf lists the roles of a bundled model's processes.
func rolesOf(m ancmbench.Model) []ancmbench.Role {
	if m.HostsApp() {
		return []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker}
	}
	return []ancmbench.Role{ancmbench.RoleWAS, ancmbench.RoleWorker, ancmbench.RoleApp}
}

// startTarget brings a target up; a bundled model has no worker and no app yet.
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
		// From the start, so that coming up is not taken for the load of others.
		a.book, _ = r.ledger.Open(a.grouped())
	}
	return a, nil
}

// grouped lists the roles of a target by their cgroups alone.
func (a *target) grouped() []usage.Role {
	var roles []usage.Role
	for _, name := range a.roles {
		roles = append(roles, usage.Role{Name: name, Cgroup: a.groups.Dirs()[string(name)]})
	}
	return roles
}

// attach takes a server of the user's as it is, and looks for its processes
// when it is on this machine.
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

// measure opens the counters, once every role has its processes: after the
// first answer.
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

// processes lists the target's processes by role, in the order of its roles.
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

// serverProcesses finds who listens on the target's port, and who listens on
// the loopback ports that those are connected to.
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

// died tells whether a process of the target's that must not end ended unasked, and with
// what last words. Once it did, further calls give the same error.
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
			if a.death = a.server.Err(); a.spec.Command == nil { // a command's begins with the target's name
				a.death = fmt.Errorf("%s died: %w", a.spec.Name, a.death)
			}
		default:
		}
	}
	return a.death
}

// end ends the target of a launch that came to err, and adds what is wrong with it: that it
// had died, unless err says so already, or else what stop says. Of a target that had died
// stop would say that once more, and that its counters are gone.
func (a *target) end(ctx context.Context, err error) error {
	died, stopped := a.died(), a.stop(ctx)
	switch {
	case died == nil:
		return errors.Join(err, stopped)
	case errors.Is(err, died):
		return err
	}
	return errors.Join(err, died)
}

// stop ends the target's processes and leaves nothing behind; a server of the
// user's is left as it was.
func (a *target) stop(ctx context.Context) error {
	err := a.closeMeter()
	if a.book != nil {
		err = errors.Join(err, a.book.Close()) // before its groups go
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
		_ = a.groups.Remove() // was removed them already, unless it never came up
	}
}
