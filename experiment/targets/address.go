package targets

import (
	"context"
	"errors"
	"fmt"
	"net"

	"ancmbench"
	"ancmbench/internal/usage"
)

// address is a running server of the user's. It is neither started nor stopped by us.
type address struct {
	counting
	spec Spec
	done chan struct{} // never closed
}

// attach returns a target for a running server of the user's. Its processes are looked
// for later, and only if it is on this machine.
func attach(spec Spec, c counting) *address {
	a := &address{counting: c, spec: spec, done: make(chan struct{})}
	a.find = a.processes
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

// processes finds the processes that listen on the target's port, and those that
// listen on the loopback ports that the first are connected to.
func (a *address) processes(context.Context) ([]usage.Role, error) {
	pids, err := usage.ListenerPIDs(a.spec.Target.Address)
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
	a.roles = nil // a new list, because the old one may be with a caller
	for _, role := range roles {
		a.roles = append(a.roles, role.Name)
	}
	return roles, nil
}

// Warmed is Running.Warmed: the load has opened the connections that show what is behind a
// proxy.
func (a *address) Warmed(ctx context.Context) error {
	if a.meter == nil {
		return nil
	}
	if err := a.closeMeter(); err != nil {
		return err
	}
	return a.Open(ctx)
}

// Target is Running.Target.
func (a *address) Target(front string) (ancmbench.Target, error) {
	if front != "" {
		return a.spec.Target, fmt.Errorf("%s: a server of the user's has no front %q", a.name, front)
	}
	return a.spec.Target, nil
}

// Info is Running.Info.
func (a *address) Info() Info { return Info{Roles: a.roles, Processes: a.procs} }

// Done is Running.Done.
func (a *address) Done() <-chan struct{} { return a.done }

// Err is Running.Err.
func (a *address) Err() error { return nil }

// LastWords is Running.LastWords: what it writes does not come to us.
func (a *address) LastWords(context.Context) string { return "" }

// Stop is Running.Stop.
func (a *address) Stop(context.Context) error { return a.close() }
