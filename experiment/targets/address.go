package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
)

// address is a running server of the user's. It is neither started nor stopped by us.
type address struct {
	counting
	spec   Spec
	done   chan struct{} // never closed
	course course
	// over are the processes that ended since the server was last looked for, as the user
	// may know them.
	over []string
	keep func(seenServer) // for the next fresh start
}

// attach returns a target for a running server of the user's. It fails if the processes
// that the user names do not exist.
func attach(spec Spec, c counting) (*address, error) {
	a := &address{counting: c, spec: spec, done: make(chan struct{})}
	a.find = a.processes
	a.roles = []ancmbench.Role{ancmbench.RoleServer}
	for _, inFront := range []bool{true, false} {
		if rules := a.rules(inFront); rules != nil {
			if _, err := usage.FindNamed(rules); err != nil {
				return nil, fmt.Errorf("target %s: %w", spec.Name, err)
			}
		}
	}
	return a, nil
}

// rules returns what the user says of the server, or of what is behind it; nil for nothing.
func (a *address) rules(inFront bool) (out []ancmbench.ProcessRule) {
	for _, r := range a.spec.Processes {
		if r.InFront() == inFront {
			out = append(out, r)
		}
	}
	return out
}

// processes finds the processes that serve the target's address, and has those behind them
// that the load has shown. The user's own rules come first.
func (a *address) processes(context.Context) ([]usage.Role, error) {
	front, err := a.front()
	if err != nil {
		a.roles, a.unsupported = nil, err.Error()
		return nil, nil
	}
	roles := []usage.Role{front}
	if rules := a.rules(false); rules != nil {
		behind, err := usage.FindNamed(rules)
		if err != nil {
			behind = usage.Role{Name: rules[0].Role, Missing: err.Error()}
		}
		roles = append(roles, behind)
	} else if behind := a.course.behind; len(behind.PIDs) > 0 || behind.Missing != "" {
		roles = append(roles, behind)
	}
	a.unsupported = ""
	a.roles = nil // a new list, because the old one may be with a caller
	for _, role := range roles {
		a.roles = append(a.roles, role.Name)
	}
	return roles, nil
}

// front finds the processes that the generator talks to. It fails with a reason for the
// results file.
func (a *address) front() (usage.Role, error) {
	if rules := a.rules(true); rules != nil {
		return usage.FindNamed(rules)
	}
	network, at := endpoint(a.spec.Target)
	role, err := usage.FindServer(network, at)
	switch {
	case errors.Is(err, usage.ErrElsewhere):
		return role, errors.New("the server is not on this machine")
	case errors.Is(err, usage.ErrNoListener):
		return role, errors.New("no process of this machine listens at the target's address")
	case errors.Is(err, errors.ErrUnsupported):
		return usage.Role{Name: ancmbench.RoleServer, Missing: strings.TrimPrefix(err.Error(), at+": ")}, nil
	}
	return role, err
}

// endpoint returns the network and the address at which a target listens.
func endpoint(t ancmbench.Target) (network, address string) {
	return cmp.Or(t.Network, "tcp"), t.Address
}

// Open is Running.Open. A server that was started anew is looked for again.
func (a *address) Open(ctx context.Context) error {
	if over := a.ended(); over != nil {
		a.over = append(a.over, over...)
		a.course.reset()
		if err := a.forget(); err != nil {
			return err
		}
	}
	return a.counting.Open(ctx)
}

// forget closes the counters; Open opens them for the processes that are known then.
func (a *address) forget() error { return errors.Join(a.closeMeter(), a.closeBook()) }

// ended returns the counted processes that have ended and that no other of them started.
func (a *address) ended() []string {
	var out []string
	for _, role := range a.procs {
		for _, pid := range role.Ended() {
			name := "a process"
			if i := slices.IndexFunc(a.listed, func(p ancmbench.Process) bool { return p.PID == pid }); i >= 0 {
				name = a.listed[i].Name
			}
			out = append(out, fmt.Sprintf("%s (%s, process %d)", name, role.Name, pid))
		}
	}
	return out
}

// Begin is Running.Begin.
func (a *address) Begin(ctx context.Context, watch Watch) error {
	if err := a.course.begin(ctx, watch.Course, a.procs, a.rules(false) == nil); err != nil {
		return err
	}
	return a.counting.Begin(ctx, watch)
}

// Edge is Running.Edge.
func (a *address) Edge(at time.Time) {
	a.counting.Edge(at)
	a.course.edge()
}

// Asked is Running.Asked.
func (a *address) Asked(asked Asked) { a.course.asked = &asked }

// End is Running.End. What it cannot count whole it does not count.
func (a *address) End(ctx context.Context) (Costs, error) {
	costs, err := a.counting.End(ctx)
	over := a.ended()
	if over != nil {
		for k := range costs.Usage {
			withhold(&costs.Usage[k], "a process of the server ended during the load: "+strings.Join(over, ", "))
		}
	}
	if found, changed := a.course.end(a.procs); changed && over == nil {
		costs.incomplete(found)
		err = errors.Join(err, a.forget()) // the next load counts them
	}
	if all := append(a.over, over...); len(all) > 0 {
		costs.Warnings = append(costs.Warnings, ancmbench.Warning{Code: ancmbench.WarnServerRestarted,
			Value: float64(len(all)), Detail: strings.Join(all, ", ")})
		a.over = nil
	}
	if over != nil {
		a.course.reset()
		a.procs = nil // so that they are reported once
		err = errors.Join(err, a.forget())
	} else {
		a.list()
	}
	return costs, err
}

// withhold removes what is counted of a role's processes, and says why.
func withhold(u *ancmbench.RoleUsage, why string) {
	if u.CPU != nil {
		u.CPU = nil
		Unsupported(u, "cpu", why)
	}
	if u.Loaded != nil {
		u.Loaded = nil
		Unsupported(u, "memory_loaded", why)
	}
	if u.Switches != nil {
		u.Switches = nil
		Unsupported(u, "context_switches", why)
	}
}

// incomplete adds a role whose processes were not counted, or not all.
func (c *Costs) incomplete(role usage.Role) {
	why := role.Missing
	if why == "" {
		why = "a part of the requests went to processes that were found only after this load"
	}
	if i := slices.IndexFunc(c.Usage, func(u ancmbench.RoleUsage) bool { return u.Role == role.Name }); i >= 0 {
		withhold(&c.Usage[i], why)
		return
	}
	// Every edge has a reading of every role.
	var wide []time.Duration
	for row := range slices.Chunk(c.CPU, max(1, len(c.Usage))) {
		wide = append(append(wide, row...), 0)
	}
	u := ancmbench.RoleUsage{Role: role.Name, Processes: len(role.PIDs)}
	for _, field := range []string{"cpu", "memory_loaded", "context_switches"} {
		Unsupported(&u, field, why)
	}
	c.Usage, c.CPU = append(c.Usage, u), wide
}

// Warmed is Running.Warmed: the load has opened the connections that show what is behind a
// proxy.
func (a *address) Warmed(ctx context.Context) error {
	if a.meter == nil {
		return nil
	}
	if err := a.forget(); err != nil {
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
func (a *address) Info() Info {
	return Info{Roles: a.roles, Processes: a.listed, Programs: a.programs, Missing: a.unsupported}
}

// Done is Running.Done.
func (a *address) Done() <-chan struct{} { return a.done }

// Err is Running.Err.
func (a *address) Err() error { return nil }

// LastWords is Running.LastWords: what it writes does not come to us.
func (a *address) LastWords(context.Context) string { return "" }

// Stop is Running.Stop.
func (a *address) Stop(context.Context) error {
	a.course.close()
	a.keep(seenServer{a.procs, a.listed})
	return a.close()
}
