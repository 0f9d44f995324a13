package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench/fleet"
)

// fleetFlags say which machines take part, as they were typed.
type fleetFlags struct {
	listen, tokenFile, nats, creds string
	loadAgents                     int
	serveAgent, start              string
	apply                          bool
	image, join                    string
	within                         time.Duration
}

// addBus adds the flags that say how agents dial in.
func (f *fleetFlags) addBus(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.listen, "listen", "", "address at which agents dial in, as 10.0.0.1:4333")
	fl.StringVar(&f.tokenFile, "token-file", "", "file of 'ancmbench agents new-token', the same on every host")
	fl.StringVar(&f.nats, "nats", "", "URL of a NATS server of your own, instead of --listen")
	fl.StringVar(&f.creds, "creds", "", "credentials for --nats")
}

// add adds the flags of a command that measures over several machines.
func (f *fleetFlags) add(c *cobra.Command) {
	f.addBus(c)
	fl := c.Flags()
	fl.IntVar(&f.loadAgents, "load-agents", 0, "how many load agents share the load (0 = it is sent from here)")
	fl.StringVar(&f.start, "start-agents", "", "start the load agents: local:N here, ssh:HOST,HOST on other hosts, kubernetes:N in a cluster")
	fl.BoolVar(&f.apply, "apply", false, "create the objects of --start-agents=kubernetes through kubectl, instead of printing them")
	fl.StringVar(&f.image, "agent-image", "ancmbench:latest", "container image of --start-agents=kubernetes")
	fl.StringVar(&f.join, "agent-join", "", "address that started agents dial, if it differs from --listen, as nats://192.0.2.1:4333")
	fl.DurationVar(&f.within, "agents-within", time.Minute, "how long to wait for the agents")
}

// addServe adds the flags of a command that also runs servers.
func (f *fleetFlags) addServe(c *cobra.Command) {
	f.add(c)
	c.Flags().StringVar(&f.serveAgent, "serve-agent", "", "'any': run the servers on the host whose agent has --serve, instead of here")
}

// used reports whether other machines take part.
func (f *fleetFlags) used() bool { return f.loadAgents > 0 || f.serveAgent != "" || f.start != "" }

// afar reports whether servers and load are on different machines.
func (f *fleetFlags) afar() bool {
	kind, _ := f.launcher()
	return f.serveAgent != "" || f.loadAgents > 0 && kind != "local" || kind != "" && kind != "local"
}

// launcher splits --start-agents into its kind and what is behind the colon.
func (f *fleetFlags) launcher() (kind, rest string) {
	kind, rest, _ = strings.Cut(f.start, ":")
	return kind, rest
}

// check finds all faults, and fills in what one flag says of another.
func (f *fleetFlags) check() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, usageError(format, args...)) }
	if !f.used() {
		if f.listen != "" || f.nats != "" || f.tokenFile != "" || f.creds != "" {
			fault("--listen, --token-file, --nats and --creds are for runs over several machines: give --load-agents")
		}
		return errors.Join(faults...)
	}
	started, err := f.started()
	if err != nil {
		faults = append(faults, err)
	} else if f.loadAgents == 0 {
		f.loadAgents = started
	}
	if started > 0 && f.loadAgents > started {
		fault("--load-agents %d: --start-agents %s starts %d", f.loadAgents, f.start, started)
	}
	if f.loadAgents < 0 || f.loadAgents > mostAgents {
		fault("--load-agents %d: must be 0 to %d", f.loadAgents, mostAgents)
	}
	if f.within <= 0 || f.within > mostWait {
		fault("--agents-within %v: must be above 0 and at most %v", f.within, mostWait)
	}
	if f.serveAgent != "" && f.serveAgent != "any" {
		fault("--serve-agent %s: want any", f.serveAgent)
	}
	kind, _ := f.launcher()
	if f.listen == "" && f.nats == "" && kind != "local" {
		fault("--listen: agents need an address to dial, as --listen 10.0.0.1:4333, or --nats")
	}
	if f.serveAgent != "" && f.listen == "" && f.nats == "" && kind == "local" {
		fault("--serve-agent: --start-agents=%s starts load agents alone: the serving agent needs an address to dial, as --listen 10.0.0.1:4333, or --nats", f.start)
	}
	if (kind == "ssh" || kind == "kubernetes") && f.join == "" && everywhere(f.listen) {
		fault("--agent-join: the agents of --start-agents need an address to dial, as nats://192.0.2.1:4333, and --listen %s names none", f.listen)
	}
	if f.apply && kind != "kubernetes" {
		fault("--apply goes with --start-agents=kubernetes")
	}
	if f.join != "" && kind == "" {
		fault("--agent-join goes with --start-agents: an agent that you start has --join")
	}
	if f.listen != "" && f.nats != "" {
		fault("--listen and --nats exclude each other")
	}
	if f.nats != "" && f.tokenFile != "" {
		fault("--token-file is for the built-in message bus: a NATS server of your own takes --creds")
	}
	if f.nats == "" && f.creds != "" {
		fault("--creds is for a NATS server of your own: give --nats")
	}
	if f.join != "" {
		if err := joinAddress(f.join); err != nil {
			fault("--agent-join %q: %w", shownURL(f.join), err)
		}
	}
	if kind == "kubernetes" && f.image == "" {
		fault("--agent-image: is empty: give the image that has ancmbench as its entry point")
	}
	if _, err := f.bus(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// everywhere reports whether an address to listen at is that of every interface.
func everywhere(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip, err2 := netip.ParseAddr(host)
	return err == nil && (host == "" || err2 == nil && ip.IsUnspecified())
}

// shares returns a usage error if there are fewer connections than load agents.
func (f *fleetFlags) shares(connections int) error {
	if f.loadAgents > connections {
		return usageError("%d connections for %d load agents: each needs one", connections, f.loadAgents)
	}
	return nil
}

// mostAgents limits the agents of a run: more is a typing error.
const mostAgents = 256

// started returns how many agents --start-agents starts; 0 without it.
func (f *fleetFlags) started() (int, error) {
	kind, rest := f.launcher()
	switch kind {
	case "":
		return 0, nil
	case "local", "kubernetes":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > mostAgents {
			return 0, usageError("--start-agents %s: want %s:N with a number of agents from 1 to %d", f.start, kind, mostAgents)
		}
		return n, nil
	case "ssh":
		hosts := strings.Split(rest, ",")
		if err := fleet.CheckHosts(hosts); err != nil {
			return 0, usageError("--start-agents %s: %w", f.start, err)
		}
		return len(hosts), nil
	}
	return 0, usageError("--start-agents %s: want local:N, ssh:HOST,HOST or kubernetes:N", f.start)
}

// bus returns how agents dial in.
func (f *fleetFlags) bus() (fleet.BusOptions, error) {
	token, err := tokenOf(f.tokenFile, f.creds)
	if err != nil {
		return fleet.BusOptions{}, err
	}
	if f.nats != "" {
		if err := joinAddress(f.nats); err != nil {
			return fleet.BusOptions{}, usageError("--nats %q: %w", shownURL(f.nats), err)
		}
	}
	opt := fleet.BusOptions{Listen: f.listen, Token: token, NATS: f.nats, Credentials: f.creds}
	if f.listen == "" {
		return opt, nil
	}
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil {
		return opt, usageError("--listen %s: want host:port, as 10.0.0.1:4333", f.listen)
	}
	if ip := net.ParseIP(host); token == nil && (ip == nil || !ip.IsLoopback()) {
		kind, _ := f.launcher()
		if kind == "" {
			return opt, usageError("--listen %s: anybody who reaches it could join: give --token-file (make one with 'ancmbench agents new-token FILE')", f.listen)
		}
	}
	return opt, nil
}

// joinURL returns what started agents dial.
func (f *fleetFlags) joinURL(address string) string {
	switch {
	case f.join != "":
		return f.join
	case f.nats != "":
		return f.nats
	}
	return fmt.Sprintf("nats://%s", address)
}

// repeated returns the flags that repeat a run over several machines: the addresses and
// names of machines only if details are shown.
func (f *fleetFlags) repeated(details bool) (args []string) {
	kind, _ := f.launcher()
	if f.start != "" && (kind == "local" || details) {
		args = append(args, "--start-agents="+f.start)
	}
	if !details {
		return args
	}
	for _, one := range []struct{ flag, value string }{{"listen", f.listen}, {"token-file", f.tokenFile}, {"agent-join", f.join}} {
		if one.value != "" {
			args = append(args, "--"+one.flag+"="+one.value)
		}
	}
	return args
}
