package targets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models/peers"
)

// command is a server of the user's that we have started.
type command struct {
	counting
	spec   Spec
	server *peers.Server
	// again starts the command in cgroups of its own, without waiting until it listens.
	again func(ctx context.Context) (*peers.Server, error)
}

// startCommand starts a server of the user's.
func startCommand(ctx context.Context, spec Spec, place Place, c counting) (*command, error) {
	a := &command{counting: c, spec: spec}
	a.find = a.processes
	a.children = map[ancmbench.Role]bool{ancmbench.RoleServer: true}
	line := *spec.Command
	line.Name, line.CPUs = spec.Name, place.CPUs
	line.Env = append(slices.Clone(place.Env), line.Env...)
	a.again = func(ctx context.Context) (*peers.Server, error) {
		a.group(place.Run)
		line.Cgroup = a.dir(ancmbench.RoleServer)
		return line.Spawn(ctx)
	}
	line.Cgroup = a.dir(ancmbench.RoleServer)
	var err error
	if a.server, err = line.Start(ctx); err != nil {
		_ = a.close() // its cgroup is gone already, and cannot be read
		if errors.Is(err, peers.ErrNotListening) {
			err = final{err}
		}
		return nil, errors.Join(err, a.Stop(ctx))
	}
	return a, nil
}

func (a *command) processes(context.Context) ([]usage.Role, error) {
	pids, err := a.server.PIDs()
	if err != nil {
		return nil, err
	}
	return a.inRoles(map[ancmbench.Role][]int{ancmbench.RoleServer: pids}), nil
}

// Target is Running.Target.
func (a *command) Target(front string) (ancmbench.Target, error) {
	t := ancmbench.Target{Address: a.server.Address(), Workload: a.spec.Target.Workload, Expect: a.spec.Target.Expect}
	if front != "" {
		return t, fmt.Errorf("%s: a command has no front %q", a.name, front)
	}
	return t, nil
}

// Info is Running.Info.
func (a *command) Info() Info {
	return Info{Roles: a.roles, Processes: a.listed, Programs: a.programs}
}

// Relaunch is Running.Relaunch.
func (a *command) Relaunch(ctx context.Context) (time.Time, error) {
	if err := a.Stop(ctx); err != nil {
		return time.Time{}, fmt.Errorf("%s does not stop: %w", a.name, err)
	}
	began := time.Now()
	server, err := a.again(ctx)
	if err != nil {
		return began, fmt.Errorf("%s does not start: %w", a.name, err)
	}
	a.server = server
	return began, nil
}

// Done is Running.Done.
func (a *command) Done() <-chan struct{} { return a.server.Done() }

// Err is Running.Err. It begins with the target's name.
func (a *command) Err() error { return a.server.Err() }

// LastWords is Running.LastWords.
func (a *command) LastWords(context.Context) string { return a.server.LogTail() }

// Stop is Running.Stop.
func (a *command) Stop(ctx context.Context) error {
	err := a.close()
	if a.server != nil {
		ctx, cancel := stopping(ctx)
		defer cancel()
		err = errors.Join(err, a.server.Stop(ctx))
	}
	a.removeGroups()
	return err
}
