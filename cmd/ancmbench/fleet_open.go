package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench/experiment"
	"ancmbench/experiment/targets"
	"ancmbench/fleet"
	"ancmbench/internal/clean"
	"ancmbench/internal/host"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/reports/words"
)

// fleetInUse are the machines that take part in a run.
type fleetInUse struct {
	*fleet.Coordinator
	fleetPurpose
	flags    *fleetFlags
	launched *fleet.Launched
	remove   func() error // what was made in a cluster
	ledger   *usage.Ledger
	local    []func() // ends the agents of this process
}

// fleetPurpose is what the machines are for.
type fleetPurpose struct {
	serves bool      // servers are run, here or on a serving agent
	said   io.Writer // gets what the agents do
	allow  []string  // the addresses to which started agents may send load
	// engine returns the load engine of this process, if this one sends the load.
	engine func(name string, threads int) (loadgen.Engine, error)
}

// openFleet opens the message bus, starts the agents that --start-agents names, and waits
// until all that take part have joined. What no other machine was asked for, an agent of
// this process does. Close it.
func openFleet(ctx context.Context, f *fleetFlags, p fleetPurpose) (_ *fleetInUse, err error) {
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
	u := &fleetInUse{flags: f, fleetPurpose: p, ledger: &usage.Ledger{}}
	u.Coordinator, err = fleet.Open(fleet.Options{Bus: bus, Version: version(),
		Rejoin:  rejoinMost,
		Changed: func(text string) { fmt.Fprintln(p.said, "agents: "+clean.Terminal(text)) }})
	if err != nil {
		return nil, err
	}
	if err := u.here(ctx, bus.Listen); err != nil {
		return nil, errors.Join(err, u.close())
	}
	if err := u.start(ctx, bus.Token); err != nil {
		return nil, errors.Join(err, u.close())
	}
	if err := u.await(ctx); err != nil {
		return nil, errors.Join(err, u.close())
	}
	return u, nil
}

// here lets this process do what no other machine was asked for: send the load, or run the
// servers. Its agent talks over the bus as all others do, without a port.
func (u *fleetInUse) here(ctx context.Context, listen string) error {
	opt := fleet.AgentOptions{Host: "this machine", Cores: runtime.NumCPU(), Load: u.flags.loadAgents == 0, Serve: u.serves && u.flags.serveAgent == "",
		Engine: u.fleetPurpose.engine, CPU: generatorCPU(), Commands: true, Start: (&targets.Local{Ledger: u.ledger}).Start, ServeAddress: "127.0.0.1"}
	if !opt.Load && !opt.Serve {
		return nil
	}
	if u.flags.nats != "" {
		opt.ServeAddress = "" // the one from which this process reaches the NATS server
	}
	if at, _, err := net.SplitHostPort(listen); err == nil && net.ParseIP(at) != nil && !net.ParseIP(at).IsUnspecified() {
		opt.ServeAddress = at
	}
	var err error
	if opt.Targets, err = fleet.ParseAllowed([]string{"0.0.0.0/0", "::/0"}); err != nil { // whoever runs this command decides
		return err
	}
	// This process may be pinned to the generator's cores, and its children would be too.
	generator, server := host.Cores(0)
	switch {
	case generator == nil:
	case opt.Load:
		opt.CPUs = server
	default:
		opt.CPUs = slices.Sorted(slices.Values(append(slices.Clone(generator), server...)))
	}
	opt.GOMAXPROCS = len(opt.CPUs)
	end, err := u.Local(context.WithoutCancel(ctx), opt) // what a cancelled run has seen comes from it
	if err == nil {
		u.local = append(u.local, end)
	}
	return err
}

// configure lets a run use the machines.
func (u *fleetInUse) configure(cfg *experiment.Config) {
	cfg.Ledger, cfg.Start, cfg.Once = u.ledger, u.Start, u.Once
	cfg.Machines = u.Machines(max(1, u.flags.loadAgents))
	cfg.NewEngine = u.engine(cfg.NewEngine, 0)
	if cfg.Second != nil {
		cfg.Second = u.engine(cfg.Second, 0)
	}
	engines := map[string]func() loadgen.Engine{}
	for name, make := range cfg.Engines {
		engines[name] = u.engine(make, 0)
	}
	cfg.Engines = engines
}

// enginesOf returns the load engines of a run by their names, for an agent of this process.
func enginesOf(cfg *experiment.Config) func(string, int) (loadgen.Engine, error) {
	all := []func() loadgen.Engine{cfg.NewEngine}
	if cfg.Second != nil {
		all = append(all, cfg.Second)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Engines)) {
		all = append(all, cfg.Engines[name])
	}
	return func(name string, _ int) (loadgen.Engine, error) {
		for _, make := range all {
			if e := make(); e.Name() == name {
				return e, nil
			}
		}
		return nil, fmt.Errorf("there is no engine %q here", name)
	}
}

// targetAddresses returns the addresses of servers that are running.
func targetAddresses(specs []experiment.TargetSpec) (out []string) {
	for _, s := range specs {
		if s.Foreign() {
			out = append(out, s.Target.Address)
		}
	}
	return out
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
	load, serve := max(1, u.flags.loadAgents), 0
	if u.serves {
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
	if at := u.where(); at != "" {
		fmt.Fprintf(u.said, "agents: waiting at %s for %s\n", at, u.wanted())
	}
	return u.Await(ctx, load, serve, u.flags.within)
}

// where returns the address at which agents that somebody else starts dial in; empty if
// there are none.
func (u *fleetInUse) where() string {
	kind, _ := u.flags.launcher()
	switch {
	case kind != "" && u.flags.serveAgent == "":
		return ""
	case u.flags.nats != "":
		return shownURL(u.flags.nats)
	}
	return u.Address()
}

// wanted names the agents that somebody else starts.
func (u *fleetInUse) wanted() string {
	var out []string
	if kind, _ := u.flags.launcher(); kind == "" && u.flags.loadAgents > 0 {
		out = append(out, words.Count(u.flags.loadAgents, "agent", "agents")+" with --load")
	}
	if u.serves && u.flags.serveAgent != "" {
		out = append(out, "one with --serve")
	}
	return strings.Join(out, " and ")
}

// start starts the agents that --start-agents names.
func (u *fleetInUse) start(ctx context.Context, token *fleet.Token) error {
	f := u.flags
	kind, rest := f.launcher()
	if kind == "" {
		return nil
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	l := fleet.Launch{Join: f.joinURL(u.Address()), Token: token, Credentials: f.creds, Program: program, Flags: []string{"--load", "--quiet"}, Output: u.said}
	for _, a := range u.allow {
		l.Flags = append(l.Flags, "--allow-target", a)
	}
	n, _ := f.started()
	switch kind {
	case "local":
		u.launched, err = fleet.LocalAgents(l, n)
	case "ssh":
		u.launched, err = fleet.SSH{}.Agents(ctx, l, strings.Split(rest, ","))
	case "kubernetes":
		k := fleet.Kubernetes{Name: "ancmbench-load", Namespace: "default", Image: f.image, Agents: n, Join: l.Join, Flags: l.Flags, Token: token, Credentials: f.creds}
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
		return &fleet.Engine{Coordinator: u.Coordinator, Agents: max(1, u.flags.loadAgents), Like: make(), Threads: threads}
	}
}

// close ends the run on all machines, and what was started for it.
func (u *fleetInUse) close() error {
	u.Close(false)
	for _, end := range u.local {
		end()
	}
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
