package targets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models/peers"
)

// command is a server of the user's that we have started, with the commands behind it, and
// behind those perhaps the model direct.
type command struct {
	model  // site is nil without a model behind it
	place  Place
	report func(ancmbench.SiteEvent)
	line   []running // the server first, then what is behind it
	done   chan struct{}
	before peers.Connections // of what is behind it, when the load began; nil if not counted
}

// running is one of the servers, with its role.
type running struct {
	*peers.Server
	role ancmbench.Role
}

// startCommand starts a server of the user's, and first what is behind it.
func startCommand(ctx context.Context, spec Spec, place Place, c counting, report func(ancmbench.SiteEvent)) (*command, error) {
	a := &command{model: model{counting: c, spec: spec}, place: place, report: report}
	if err := a.start(ctx, peers.Command.Start); err != nil {
		_ = a.close() // a cgroup of it is gone already, and cannot be read
		if errors.Is(err, peers.ErrNotListening) || errors.Is(err, peers.ErrNotReady) {
			err = final{err}
		}
		return nil, errors.Join(err, a.Stop(ctx))
	}
	return a, nil
}

// start starts all servers, the last first; the first of the line by the given function.
func (a *command) start(ctx context.Context, first func(peers.Command, context.Context) (*peers.Server, error)) error {
	upstream := ""
	if m := a.spec.BehindModel; m != "" {
		behind := a.place
		behind.Listen = "" // only the server before it asks it
		if err := a.model.start(ctx, m, behind, a.report); err != nil {
			return err
		}
		upstream = a.site.Address()
	}
	a.find, a.line = a.processes, nil
	a.children = map[ancmbench.Role]bool{}
	all := append([]peers.Command{*a.spec.Command}, a.spec.Behind...)
	for i := len(all) - 1; i >= 0; i-- {
		c, role := all[i], a.roles[i]
		if i == 0 || c.Name == "" {
			c.Name = a.spec.Name
		}
		a.children[role] = true
		c.CPUs, c.Cgroup = a.place.CPUs, a.dir(role)
		c.Upstream = upstream
		c.Env = append(slices.Clone(a.place.Env), c.Env...)
		if c.Environment != nil {
			c.Environment = withPlace(c.Environment, a.place.Env)
		}
		if n := a.place.GOMAXPROCS; c.Environment != nil && n > 0 && !slices.ContainsFunc(c.Environment, isProcs) {
			c.Environment = append(slices.Clone(c.Environment), "GOMAXPROCS="+strconv.Itoa(n)) // as behind the module
		}
		begin := peers.Command.Start
		if i == 0 {
			begin, c.Listen = first, a.place.Listen
		}
		s, err := begin(c, ctx)
		if err != nil {
			return err
		}
		upstream = s.Upstream()
		a.line = slices.Insert(a.line, 0, running{s, role})
	}
	a.watch()
	return nil
}

// withPlace adds the variables of the place to a whole environment. As behind the module,
// they win over what we inherited, and the configuration wins over them.
func withPlace(whole, place []string) []string {
	inherited := os.Environ()
	for _, kv := range place {
		name, _, _ := strings.Cut(kv, "=")
		i := slices.IndexFunc(whole, func(s string) bool { return strings.HasPrefix(s, name+"=") })
		switch {
		case i < 0:
			whole = append(slices.Clone(whole), kv)
		case slices.Contains(inherited, whole[i]):
			whole = slices.Clone(whole)
			whole[i] = kv
		}
	}
	return whole
}

func isProcs(kv string) bool { return strings.HasPrefix(kv, "GOMAXPROCS=") }

// watch closes done when one of the servers, or the model behind them, has ended.
func (a *command) watch() {
	done := make(chan struct{})
	ends := make(chan struct{}, len(a.line)+1)
	for _, s := range a.line { // each ends with its server, which Stop ends
		go func() { <-s.Done(); ends <- struct{}{} }()
	}
	if a.site != nil {
		go func() { <-a.site.Done(); ends <- struct{}{} }()
	}
	go func() { <-ends; close(done) }()
	a.done = done
}

// processes returns those of all servers and of the model behind them.
func (a *command) processes(ctx context.Context) ([]usage.Role, error) {
	pids := map[ancmbench.Role][]int{}
	if a.site != nil {
		var err error
		if pids, err = a.pids(ctx); err != nil {
			return nil, err
		}
	}
	for _, s := range a.line {
		var err error
		if pids[s.role], err = s.PIDs(); err != nil {
			return nil, err
		}
	}
	return a.inRoles(pids), nil
}

// Target is Running.Target. If the model direct is behind the servers, its answers name it.
func (a *command) Target(front string) (ancmbench.Target, error) {
	if front != "" {
		return ancmbench.Target{}, fmt.Errorf("%s: a command has no front %q", a.name, front)
	}
	t := a.spec.Target
	t.Network, t.Address = a.line[0].Network(), a.line[0].Address()
	if a.spec.BehindModel != "" && !slices.ContainsFunc(t.Expect.Header, func(f ancmbench.Field) bool { return f.Name == ancmbench.ModelHeader }) {
		t.Expect.Header = append(slices.Clone(t.Expect.Header), ancmbench.Field{Name: ancmbench.ModelHeader, Value: string(a.spec.BehindModel)})
	}
	return t, nil
}

// Info is Running.Info.
func (a *command) Info() Info {
	return Info{Roles: a.roles, Processes: a.listed, Programs: a.programs}
}

// Relaunch is Running.Relaunch. What is behind the server is waited for.
func (a *command) Relaunch(ctx context.Context) (time.Time, error) {
	if err := a.Stop(ctx); err != nil {
		return time.Time{}, fmt.Errorf("%s does not stop: %w", a.name, err)
	}
	a.group(a.place.Run)
	began := time.Now()
	if err := a.start(ctx, peers.Command.Spawn); err != nil {
		_ = a.close()
		return began, errors.Join(fmt.Errorf("%s does not start: %w", a.name, err), a.Stop(ctx))
	}
	return began, nil
}

// Kill is Running.Kill, of the program that the model direct is here: it is started again
// at once and on the same port, as the module starts its own.
func (a *command) Kill(ctx context.Context, role ancmbench.Role) (time.Time, error) {
	if a.spec.Model == "" || role != ancmbench.RoleApp {
		return a.counting.Kill(ctx, role)
	}
	_, number, err := net.SplitHostPort(a.line[0].Address())
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %w", a.name, err)
	}
	err = errors.Join(a.close(), a.line[0].Kill())
	killed := time.Now()
	if err != nil {
		return killed, err
	}
	a.removeGroups()
	a.group(a.place.Run)
	return killed, a.start(ctx, func(c peers.Command, ctx context.Context) (*peers.Server, error) {
		c.Port, err = strconv.Atoi(number)
		if err != nil {
			return nil, err
		}
		return c.Spawn(ctx)
	})
}

// Done is Running.Done.
func (a *command) Done() <-chan struct{} { return a.done }

// Err is Running.Err. The error of a server begins with its name.
func (a *command) Err() error {
	for _, s := range a.line {
		if err := s.Err(); err != nil {
			return err
		}
	}
	if a.site == nil {
		return nil
	}
	return a.model.Err()
}

// LastWords is Running.LastWords: those of the server itself.
func (a *command) LastWords(context.Context) string {
	if len(a.line) == 0 {
		return ""
	}
	return a.line[0].LogTail()
}

// Stop is Running.Stop: each server before the one behind it.
func (a *command) Stop(ctx context.Context) error {
	err := a.close()
	for _, s := range a.line {
		end, cancel := stopping(ctx)
		err = errors.Join(err, s.Stop(end))
		cancel()
	}
	err = errors.Join(err, a.model.Stop(ctx))
	a.site = nil
	return err
}
