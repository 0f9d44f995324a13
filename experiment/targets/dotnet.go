package targets

import (
	"context"
	"time"

	"ancmbench"
	"ancmbench/models/dotnet/diagnostics"
)

// Compiled is what the .NET runtimes of a target's processes say of their compiler.
type Compiled struct {
	// PIDs are the processes that are .NET; nil if none is.
	PIDs []int
	// Runtime is the version, "10.0.12".
	Runtime string
	// Methods is how many methods they have compiled since they began, each time that a
	// method was compiled counted.
	Methods int64
}

const (
	// diagnosticsBound is how long a runtime may take to answer.
	diagnosticsBound = 10 * time.Second
	// counterInterval is how often a runtime that is followed sends its counters: so
	// often that the code that does it is soon compiled as well as it can be.
	counterInterval = 50 * time.Millisecond
)

// followed is a runtime that sends its counters.
type followed struct {
	port    diagnostics.Port
	version string
	watch   *diagnostics.Watch
}

// runtimes returns the diagnostics ports of the processes that Open found, by role; empty if
// none of them is .NET, or they are not ours to ask.
func (c *counting) runtimes() map[ancmbench.Role][]diagnostics.Port {
	out := map[ancmbench.Role][]diagnostics.Port{}
	if c.foreign {
		return out
	}
	for _, role := range c.procs {
		for _, pid := range role.PIDs {
			if port, err := diagnostics.Find(pid); err == nil {
				out[role.Name] = append(out[role.Name], port)
			}
		}
	}
	return out
}

// Compiled is Running.Compiled of a target that we started.
func (c *counting) Compiled(ctx context.Context, follow bool) (Compiled, error) {
	ctx, cancel := context.WithTimeout(ctx, diagnosticsBound)
	defer cancel()
	if !follow {
		defer c.unfollow()
	}
	if c.followed == nil {
		if err := c.follow(ctx); err != nil {
			c.unfollow()
			return Compiled{}, err
		}
	}
	var out Compiled
	for _, f := range c.followed {
		n, err := f.watch.Next(ctx, diagnostics.CompiledMethods)
		if err != nil {
			c.unfollow()
			return Compiled{}, err
		}
		out.Methods += int64(n)
		out.Runtime = f.version
		out.PIDs = append(out.PIDs, f.port.PID)
	}
	return out, nil
}

// follow asks all runtimes for their counters.
func (c *counting) follow(ctx context.Context) error {
	byRole := c.runtimes()
	for _, role := range c.roles {
		for _, port := range byRole[role] {
			info, err := port.Info(ctx)
			if err != nil {
				return err
			}
			watch, err := port.Watch(ctx, counterInterval)
			if err != nil {
				return err
			}
			c.followed = append(c.followed, followed{port: port, version: info.Runtime, watch: watch})
		}
	}
	return nil
}

// unfollow ends what follow began.
func (c *counting) unfollow() {
	for _, f := range c.followed {
		f.watch.Close()
	}
	c.followed = nil
}

// readHeaps adds the managed heaps of the target's processes to what was read of their
// memory. It takes context switches and system calls of theirs. A runtime that does not
// answer is left out.
func (c *counting) readHeaps(ctx context.Context, use map[ancmbench.Role]*ancmbench.MemoryUse) {
	ctx, cancel := context.WithTimeout(ctx, diagnosticsBound)
	defer cancel()
	for role, ports := range c.runtimes() {
		var heap, committed int64
		for _, port := range ports {
			v, err := port.Read(ctx, diagnostics.HeapMB, diagnostics.CommittedMB)
			if err != nil {
				return
			}
			heap += int64(v[diagnostics.HeapMB] * 1e6)
			committed += int64(v[diagnostics.CommittedMB] * 1e6)
		}
		if m := use[role]; m != nil {
			m.CLRHeap, m.CLRCommitted = &heap, &committed
		}
	}
}
