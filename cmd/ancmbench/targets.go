package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/loadgen"
	"ancmbench/models/peers"
)

// targetsOf lists what is compared: the bundled models, or the user's servers, the
// baseline first; and which of several rungs cannot run here, with the reason.
func targetsOf(c *cobra.Command, f *runFlags, p *ancmbench.Profile) (targets []experiment.TargetSpec, leftOut []string, err error) {
	if len(f.targets) > 0 {
		return ownTargets(c, f, p)
	}
	var faults []error
	if f.caCert != "" {
		faults = append(faults, usageError("--cacert is for servers of your own: give --target"))
	}
	models := p.Models
	if c.Flags().Changed("model") || len(models) == 0 {
		if models, err = ancmbench.ParseModels(f.model); err != nil {
			faults = append(faults, usageError("--model: %w", err))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, nil, err
	}
	p.Models = nil
	for _, m := range models {
		if m.Proxy() {
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
	return targets, leftOut, nil
}

// ownTargets returns the user's servers; all faults at once.
func ownTargets(c *cobra.Command, f *runFlags, p *ancmbench.Profile) ([]experiment.TargetSpec, []string, error) {
	var faults []error
	if c.Flags().Changed("model") {
		faults = append(faults, usageError("--model and --target exclude each other: bundled models, or servers of your own"))
	}
	if !c.Flags().Changed("rate") {
		faults = append(faults, usageError("--target needs --rate: you decide how much load your server may get, as --rate=500"))
	}
	p.Models = nil
	targets, err := urlTargets(f.targets, f.details)
	faults = append(faults, err)
	if err == nil {
		var trusting []*ancmbench.Target
		for i := range targets {
			trusting = append(trusting, &targets[i].Target)
		}
		if err := trust(f.caCert, trusting...); err != nil {
			faults = append(faults, usageError("%w", err))
		}
	}
	return targets, nil, errors.Join(faults...)
}

func urlTargets(specs []string, details bool) ([]experiment.TargetSpec, error) {
	if len(specs) > ancmbench.MaxTargets {
		return nil, usageError("--target: %d are given, and a run has at most %d", len(specs), ancmbench.MaxTargets)
	}
	var targets []experiment.TargetSpec
	var faults []error
	seen := map[string]bool{}
	for _, s := range specs {
		t, err := parseTarget(s)
		switch {
		case err != nil:
			faults = append(faults, usageError("--target %s: %w", redactTarget(s, details), err))
		case seen[t.Name]:
			faults = append(faults, usageError("--target %s: the name is taken by another target", shownURL(t.Name)))
		default:
			targets = append(targets, experiment.TargetSpec{Name: t.Name, Target: t})
		}
		seen[t.Name] = true
	}
	if len(specs) < 2 {
		faults = append(faults, usageError("--target: give two or more to compare; the first is the baseline"))
	}
	return targets, errors.Join(faults...)
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

// parseTarget reads NAME=URL.
func parseTarget(s string) (ancmbench.Target, error) {
	name, raw, found := strings.Cut(s, "=")
	if !found || name == "" || strings.ContainsAny(name, "/@?") {
		return ancmbench.Target{}, fmt.Errorf("want NAME=URL, as direct=http://127.0.0.1:5000/")
	}
	if len(name) > ancmbench.MaxName {
		return ancmbench.Target{}, fmt.Errorf("the name has %d bytes, and may have %d", len(name), ancmbench.MaxName)
	}
	t, err := parseURL(raw)
	t.Name = name
	return t, err
}

// parseURL makes a target of a URL, named by its host.
func parseURL(raw string) (ancmbench.Target, error) {
	var t ancmbench.Target
	u, err := url.Parse(raw)
	if err != nil {
		return t, fmt.Errorf("the URL cannot be read")
	}
	port := u.Port()
	switch {
	case u.Scheme == "grpc" || u.Scheme == "grpcs":
		return t, errors.New(ancmbench.GRPCUnsupported)
	case u.Scheme != "http" && u.Scheme != "https":
		return t, fmt.Errorf("the URL must begin with http:// or https://")
	case u.Hostname() == "":
		return t, fmt.Errorf("the URL has no host")
	case u.User != nil:
		return t, fmt.Errorf("credentials in a URL are not sent: give -H 'Authorization: ...'")
	case port == "" && u.Scheme == "http":
		port = "80"
	case port == "":
		port = "443"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return t, fmt.Errorf("the port is not in 1 to 65535")
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r > '~' }) {
		return t, fmt.Errorf("the host must be written in ASCII (an international name as xn--...)")
	}
	path := requestTarget(u)
	return ancmbench.Target{Name: u.Host, Scheme: u.Scheme, Address: net.JoinHostPort(u.Hostname(), port), Host: u.Host,
		Workload: ancmbench.Workload{Name: "url", Requests: []ancmbench.Request{{Method: "GET", Path: path}}}}, nil
}

// requestTarget returns the path and query as the user typed them, with illegal characters
// percent-encoded. URL.RequestURI would turn %2F beside a literal é into a slash.
func requestTarget(u *url.URL) string {
	path := u.EscapedPath()
	if u.RawPath != "" {
		path = loadgen.EscapePath(u.RawPath)
	}
	if path == "" {
		path = "/"
	}
	if u.ForceQuery || u.RawQuery != "" {
		path += "?" + loadgen.EscapePath(u.RawQuery)
	}
	return path
}

// reached sets the address of a target: one of those that its name resolves to. The Host
// field keeps the name.
func reached(ctx context.Context, t *ancmbench.Target) error {
	at, err := loadgen.Reach(ctx, *t)
	if err != nil {
		var unknown *net.DNSError
		if errors.As(err, &unknown) {
			return errors.New("the name of the host cannot be resolved") // without the name, which may be private
		}
		return err
	}
	if t.Host == "" {
		t.Host = loadgen.HostField(*t)
	}
	t.Address = at
	return nil
}
