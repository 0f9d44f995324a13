package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/fleet"
	"ancmbench/internal/clean"
	"ancmbench/internal/host"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/websocket"
	"ancmbench/loadgen/wire"
)

// agentFlags are the flags of agent as they were typed.
type agentFlags struct {
	join, tokenFile, creds, serveAddress string
	load, serve, stay, commands, quiet   bool
	targets                              []string
}

func newAgentCommand() *cobra.Command {
	f := &agentFlags{}
	c := &cobra.Command{
		Use:   "agent",
		Short: "Send load or run servers on this host for a run on another one",
		Long: `agent dials in to the host on which 'ancmbench run' or 'ancmbench load' listens, and
does its part of the measurement: it sends load (--load), or runs the servers that are
measured (--serve). It tries again until a run listens, and ends with the run unless
--stay is given. If the run dies or is cut off, the agent stops sending and stops every
process that it started within 2 seconds.

This host decides what a run may ask for: a load agent sends only to the run's serving
agent or to what --allow-target names, and a serving agent runs only the bundled models
unless --allow-commands is given.

Exit codes: 0 the run is over, 1 refused or lost, 2 usage, 130 interrupted.`,
		Example: `  ancmbench agent --join nats://10.0.0.1:4333 --token-file t --load
  ancmbench agent --join nats://10.0.0.1:4333 --token-file t --load --allow-target 10.0.0.7:8080
  ancmbench agent --join nats://10.0.0.1:4333 --token-file t --serve`,
		RunE: func(c *cobra.Command, _ []string) error { return runAgent(c, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.join, "join", "", "address of the host that runs the measurement, as nats://10.0.0.1:4333")
	fl.StringVar(&f.tokenFile, "token-file", "", "file of 'ancmbench agents new-token', the same as on the other host")
	fl.StringVar(&f.creds, "creds", "", "credentials for a NATS server of your own, instead of --token-file")
	fl.BoolVar(&f.load, "load", false, "offer to send load")
	fl.BoolVar(&f.serve, "serve", false, "offer to run the servers that are measured")
	fl.StringVar(&f.serveAddress, "serve-address", "", "address of this host at which load agents reach its servers (empty = the one that it joins from)")
	fl.StringArrayVar(&f.targets, "allow-target", nil, "an address, network or name to which this agent may send load, with or without :port")
	fl.BoolVar(&f.commands, "allow-commands", false, "let the run start commands of its own on this host (--serve)")
	fl.BoolVar(&f.stay, "stay", false, "wait for another run after one has ended")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "do not say what the agent does")
	return c
}

// runAgent joins and does what the run asks.
func runAgent(c *cobra.Command, f *agentFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	if !f.quiet {
		opt.Say = func(text string) { fmt.Fprintln(c.ErrOrStderr(), "agent: "+clean.Terminal(text)) }
	}
	return fleet.RunAgent(c.Context(), opt)
}

// options reads the flags; all faults at once.
func (f *agentFlags) options() (opt fleet.AgentOptions, err error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, usageError(format, args...)) }
	if err := joinAddress(f.join); err != nil {
		fault("--join %q: %w", shownURL(f.join), err)
	}
	if !f.load && !f.serve {
		fault("agent needs --load, --serve or both")
	}
	if len(f.targets) > 0 && !f.load {
		fault("--allow-target is for load agents: give --load")
	}
	if (f.commands || f.serveAddress != "") && !f.serve {
		fault("--allow-commands and --serve-address are for serving agents: give --serve")
	}
	if f.serveAddress != "" && net.ParseIP(f.serveAddress) == nil {
		fault("--serve-address %s: want an IP address of this host", f.serveAddress)
	}
	if opt.Targets, err = fleet.ParseAllowed(f.targets); err != nil {
		fault("--allow-target %w", err)
	}
	if opt.Token, err = tokenOf(f.tokenFile, f.creds); err != nil {
		faults = append(faults, err)
	}
	opt.Join, opt.Credentials, opt.Load, opt.Serve, opt.Stay = f.join, f.creds, f.load, f.serve, f.stay
	opt.Version, opt.Cores, opt.Engine = version(), runtime.NumCPU(), agentEngine
	opt.CPU, opt.Facts, opt.Commands, opt.ServeAddress = generatorCPU(), hostFacts, f.commands, f.serveAddress
	opt.Stolen = host.Stolen
	opt.Start = (&targets.Local{}).Start
	if opt.Host, err = os.Hostname(); err != nil {
		opt.Host = "unknown host"
	}
	return opt, errors.Join(faults...)
}

// tokenOf reads the token file; nil without one.
func tokenOf(path, creds string) (*fleet.Token, error) {
	switch {
	case path != "" && creds != "":
		return nil, usageError("--token-file and --creds exclude each other: the first is for the built-in message bus, the second for a NATS server of your own")
	case creds != "":
		if _, err := fleet.ReadCredentials(creds); err != nil {
			return nil, usageError("--creds: %w", err)
		}
		return nil, nil
	case path == "":
		return nil, nil
	}
	t, err := fleet.ReadTokenFile(path)
	if err != nil {
		return nil, usageError("--token-file: %w", err)
	}
	return t, nil
}

// joinAddress fails unless s is the URL of a NATS server.
func joinAddress(s string) error {
	u, err := url.Parse(s)
	if err != nil || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) || u.Port() == "" || u.Hostname() == "" {
		return errors.New("want the address of the other host, as nats://10.0.0.1:4333")
	}
	return nil
}

// agentEngine returns a new load engine of an agent.
func agentEngine(name string, threads int) (loadgen.Engine, error) {
	switch name {
	case "wire":
		return &wire.Engine{Shards: threads}, nil
	case "vegeta":
		return &vegeta.Engine{}, nil
	case "websocket":
		return &websocket.Engine{}, nil
	}
	return nil, fmt.Errorf("this agent has no load engine %q", name)
}

// hostFacts describes this machine, and what makes it unfit to measure on.
func hostFacts() ancmbench.Host {
	h := host.Fingerprint()
	found := host.Inspect(h, 0)
	h.Checks = found.Checks
	h.Warnings = slices.DeleteFunc(found.Warnings, func(w ancmbench.Warning) bool {
		return w.Code == ancmbench.WarnSharedCores // generator and servers are on different machines
	})
	return h
}

// generatorCPU returns a function that reads this process's CPU time.
func generatorCPU() func() (time.Duration, string, error) {
	meter, err := usage.NewMeter([]usage.Role{{Name: ancmbench.GeneratorRole, PIDs: []int{os.Getpid()}}})
	if err != nil {
		return nil
	}
	return func() (time.Duration, string, error) {
		var used [1]time.Duration
		err := meter.ReadCPU(used[:])
		return used[0], meter.Source(0), err
	}
}
