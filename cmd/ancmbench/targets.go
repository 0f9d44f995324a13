package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/peers"
	"ancmbench/profiles"
)

// targetsOf lists what is compared, the baseline first: the servers of the flags, or else
// the models and the servers of the profile; and which of several models cannot run here,
// with the reason.
func targetsOf(c *cobra.Command, f *runFlags, p *ancmbench.Profile) (targets []experiment.TargetSpec, leftOut []string, err error) {
	if len(f.targets) > 0 {
		return ownTargets(c, f, p)
	}
	var faults []error
	if f.caCert != "" && !slices.ContainsFunc(p.Targets, func(s ancmbench.Server) bool { return !s.Starts() }) {
		faults = append(faults, usageError("--cacert is for servers of your own: give --target"))
	}
	models := p.Models
	if c.Flags().Changed("model") || len(models) == 0 && p.Targets == nil {
		if models, err = ancmbench.ParseModels(f.model); err != nil {
			faults = append(faults, usageError("--model: %w", err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	p.Models = nil
	for _, m := range models {
		if m.Proxy() && f.fleet.serveAgent == "" { // else it is installed there, or that agent says so
			if err := peers.Available(string(m)); err != nil && len(models) > 2 {
				leftOut = append(leftOut, err.Error())
				continue
			} else if err != nil {
				return nil, nil, err
			}
		}
		p.Models = append(p.Models, m)
		targets = append(targets, experiment.TargetSpec{Name: string(m), Model: m})
	}
	if p.Targets == nil {
		_, err := withProcesses(nil, f.processes)
		return targets, leftOut, err
	}
	servers, err := serversOf(c, f, p, p.Targets)
	return append(targets, servers...), leftOut, err
}

// ownTargets returns the servers of the flags; all faults at once.
func ownTargets(c *cobra.Command, f *runFlags, p *ancmbench.Profile) ([]experiment.TargetSpec, []string, error) {
	var faults []error
	if c.Flags().Changed("model") {
		faults = append(faults, usageError("--model and --target exclude each other: bundled models, or servers of your own"))
	}
	p.Models = nil
	servers, err := flagServers(f.targets, f.details)
	faults = append(faults, err)
	if p.Targets = servers; err != nil {
		if running := func(t string) bool { return !strings.Contains(t, "="+commandPrefix) }; slices.ContainsFunc(f.targets, running) && !rated(c, f, p) {
			faults = append(faults, needsRate())
		}
		return nil, nil, errors.Join(faults...)
	}
	targets, err := serversOf(c, f, p, servers)
	return targets, nil, errors.Join(append(faults, err)...)
}

// serversOf returns the targets of servers, and a usage error for what they lack.
func serversOf(c *cobra.Command, f *runFlags, p *ancmbench.Profile, servers []ancmbench.Server) ([]experiment.TargetSpec, error) {
	servers, err := withProcesses(servers, f.processes)
	if err != nil {
		return nil, err
	}
	p.Targets = servers
	targets, err := specsOf(servers)
	if err != nil {
		return nil, err
	}
	var faults []error
	if f.fleet.serveAgent == "" { // else they are needed there
		faults = append(faults, needed(*p))
	}
	if slices.ContainsFunc(targets, experiment.TargetSpec.Foreign) && !rated(c, f, p) {
		faults = append(faults, needsRate())
	}
	var trusting []*ancmbench.Target
	for i := range targets {
		if targets[i].Foreign() {
			trusting = append(trusting, &targets[i].Target)
		}
	}
	if f.caCert != "" && trusting == nil {
		faults = append(faults, usageError("--cacert is for servers that run already, and every target is a command"))
	} else if err := trust(f.caCert, trusting...); err != nil {
		faults = append(faults, usageError("%w", err))
	}
	return targets, errors.Join(faults...)
}

func needsRate() error {
	return usageError("--target needs --rate, or a profile of your choice with a rate: you decide how much load your server may get, as --rate=500")
}

// rated reports whether the user chose the rate: by the flag, by a profile of the user's
// choice or with servers of its own, or for the run that is measured again.
func rated(c *cobra.Command, f *runFlags, p *ancmbench.Profile) bool {
	return f.stored != nil || c.Flags().Changed("rate") || p.Rate > 0 && (c.Flags().Changed("profile") || p.Targets != nil && len(f.targets) == 0)
}

// flagServers returns the servers of --target; all faults at once.
func flagServers(specs []string, details bool) ([]ancmbench.Server, error) {
	if len(specs) > ancmbench.MaxTargets {
		return nil, usageError("--target: %d are given, and a run has at most %d", len(specs), ancmbench.MaxTargets)
	}
	var servers []ancmbench.Server
	var faults []error
	seen := map[string]bool{}
	for _, s := range specs {
		server, err := parseServer(s)
		switch {
		case err != nil:
			faults = append(faults, usageError("--target %s: %w", redactTarget(s, details), err))
		case seen[server.Name]:
			faults = append(faults, usageError("--target %s: the name is taken by another target", shownURL(server.Name)))
		default:
			servers = append(servers, server)
		}
		seen[server.Name] = true
	}
	if len(specs) < 2 {
		faults = append(faults, usageError("--target: give two or more to compare; the first is the baseline"))
	}
	if faults == nil {
		for _, fault := range oneByOne(profiles.Servers(servers, nil)) {
			faults = append(faults, usageError("--target: %w", fault))
		}
	}
	return servers, errors.Join(faults...)
}

// tooMuch returns the error of a run whose results file would be too large to be read again.
func tooMuch(p ancmbench.Profile, targets int) error {
	if p.Twin {
		targets++
	}
	phases := len(p.Phases) + 1 // the engines' cross-check
	if targets > ancmbench.MaxTargets || targets*phases > ancmbench.MaxCells {
		return usageError("%d targets in %d phases are too many: a run compares at most %d targets, and %d in all phases", targets, phases, ancmbench.MaxTargets, ancmbench.MaxCells)
	}
	return nil
}
