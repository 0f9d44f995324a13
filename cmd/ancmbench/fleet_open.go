package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench/fleet"
	"ancmbench/internal/clean"
	"ancmbench/loadgen"
)

// fleetInUse are the machines that take part in a run.
type fleetInUse struct {
	*fleet.Coordinator
	flags    *fleetFlags
	launched *fleet.Launched
	remove   func() error // what was made in a cluster
}

// openFleet opens the message bus, starts the agents that --start-agents names, and waits
// until all that take part have joined. said gets what they do; allow are the addresses to
// which started agents may send load. Close it.
func openFleet(ctx context.Context, f *fleetFlags, said io.Writer, allow []string) (_ *fleetInUse, err error) {
	bus, err := f.bus()
	if err != nil {
		return nil, err
	}
	kind, _ := f.launcher()
	if bus.Token == nil && kind != "" && bus.NATS == "" {
		if bus.Token, err = fleet.NewToken(); err != nil { // for this run alone
			return nil, err
		}
	}
	if kind == "local" && bus.Listen == "" && bus.NATS == "" {
		bus.Listen = "127.0.0.1:0"
	}
	u := &fleetInUse{flags: f}
	u.Coordinator, err = fleet.Open(fleet.Options{Bus: bus, Version: version(),
		Changed: func(text string) { fmt.Fprintln(said, "agents: "+clean.Terminal(text)) }})
	if err != nil {
		return nil, err
	}
	if err := u.start(ctx, bus.Token, allow, said); err != nil {
		return nil, errors.Join(err, u.close())
	}
	if err := u.await(ctx); err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u, nil
}

// fleetOutput is where a command says what its agents do.
func fleetOutput(c *cobra.Command, quiet bool) io.Writer {
	if quiet {
		return io.Discard
	}
	return c.ErrOrStderr()
}

// await waits for the agents, or for the end of one that was started here.
func (u *fleetInUse) await(ctx context.Context) error {
	serve := 0
	if u.flags.serveAgent != "" {
		serve = 1
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if u.launched != nil {
		go func() {
			if err := u.launched.Failed(ctx); err != nil {
				cancel(err)
			}
		}()
	}
	return u.Await(ctx, u.flags.loadAgents, serve, u.flags.within)
}

// start starts the agents that --start-agents names.
func (u *fleetInUse) start(ctx context.Context, token *fleet.Token, allow []string, said io.Writer) error {
	f := u.flags
	kind, rest := f.launcher()
	if kind == "" {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	l := fleet.Launch{Join: f.joinURL(u.Address()), Token: token, Program: program, Flags: []string{"--load", "--quiet"}, Output: said}
	for _, a := range allow {
		l.Flags = append(l.Flags, "--allow-target", a)
	}
	n, _ := f.started()
	switch kind {
	case "local":
		u.launched, err = fleet.LocalAgents(l, n)
	case "ssh":
		u.launched, err = fleet.SSH{}.Agents(ctx, l, strings.Split(rest, ","))
	case "kubernetes":
		k := fleet.Kubernetes{Name: "ancmbench-load", Namespace: "default", Image: f.image, Agents: n, Join: l.Join, Flags: l.Flags, Token: token}
		if f.apply {
			u.remove, err = k.Apply(ctx)
			return err
		}
		manifest, err := k.Manifest()
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(manifest)
		return err
	}
	return err
}

// engine returns a maker of engines that use the load agents, like the engines of make.
func (u *fleetInUse) engine(make func() loadgen.Engine, threads int) func() loadgen.Engine {
	return func() loadgen.Engine {
		return &fleet.Engine{Coordinator: u.Coordinator, Agents: u.flags.loadAgents, Like: make(), Threads: threads, Rejoin: rejoinMost}
	}
}

// close ends the run on all machines, and what was started for it.
func (u *fleetInUse) close() error {
	u.Close(false)
	if u.launched != nil {
		u.launched.End()
	}
	if u.remove != nil {
		return u.remove()
	}
	return nil
}

// rejoinMost is how long a fresh start waits for an agent in place of one that was lost.
const rejoinMost = 10 * time.Second
