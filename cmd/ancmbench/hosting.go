package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/experiment/targets"
	"ancmbench/models"
)

// configureHosting sets how bundled models are hosted and reached: front, native modules,
// and the program of a web.config. It returns an error for what is impossible, before
// anything starts.
func configureHosting(c *cobra.Command, f *runFlags, cfg *experiment.Config) error {
	var faults []error
	if f.over.tls && f.over.h2 {
		faults = append(faults, usageError("--tls and --h2 exclude each other: HTTP/1.1 or HTTP/2 over TLS"))
	}
	own := func(ph ancmbench.Phase) bool { return ph.Front != "" || ph.Engine != "" }
	if (f.over.tls || f.over.h2) && slices.ContainsFunc(cfg.Profile.Phases, own) {
		faults = append(faults, usageError("--tls and --h2: profile %s has phases that set how the models are reached", cfg.Profile.Name))
	}
	var err error
	cfg.Native, err = f.native.modules()
	faults = append(faults, err)
	if own, every := ownServers(f, cfg); own {
		faults = append(faults, forModels(c, every)...)
		if every {
			return errors.Join(faults...)
		}
	}
	err = configureProgram(c, c.ErrOrStderr(), f, cfg)
	webConfig := f.webConfig
	if err != nil {
		faults, webConfig = append(faults, err), "" // what is wrong with it is said
	}
	faults = append(faults, leaveOutUnfit(f, cfg))
	cfg.PathBase = strings.TrimRight(f.pathBase, "/")
	below(&cfg.Profile, cfg.PathBase)
	return errors.Join(append(faults, optionFaults(f, cfg, webConfig)...)...)
}

// ownServers reports whether there are servers of the user's among the targets, and whether
// all are.
func ownServers(f *runFlags, cfg *experiment.Config) (own, every bool) {
	if len(f.targets) > 0 || len(cfg.Targets) == 0 {
		return len(f.targets) > 0, len(f.targets) > 0
	}
	n := 0
	for _, a := range cfg.Targets {
		if a.Model == "" {
			n++
		}
	}
	return n > 0, n == len(cfg.Targets)
}

// forModels returns the faults of flags that are for bundled models. Beside servers of the
// user's only those have an effect that change no model's way to be reached; if every target
// is the user's own, none has.
func forModels(c *cobra.Command, every bool) (faults []error) {
	names := []string{"tls", "h2", "request-log", "static-files", "web-config", "app", "path-base"}
	if every {
		names = append(names, "front", "module")
	}
	for _, name := range names {
		if fl := c.Flags().Lookup(name); fl != nil && fl.Changed {
			faults = append(faults, usageError("--%s is for bundled models, and --target, or the profile's targets, are servers of your own", name))
		}
	}
	return faults
}

// below changes the requests of a profile to an app that is not at the root.
func below(p *ancmbench.Profile, base string) {
	p.Workloads = slices.Clone(p.Workloads)
	for i := range p.Workloads {
		w := &p.Workloads[i]
		w.Requests = slices.Clone(w.Requests)
		for k := range w.Requests {
			w.Requests[k].Path = base + w.Requests[k].Path
		}
	}
}

// optionFaults sets how the targets are reached, by the flags, and returns what is wrong
// with the options of their sites. A fault of several sites occurs once.
func optionFaults(f *runFlags, cfg *experiment.Config, webConfig string) []error {
	var faults []error
	said := map[string]bool{}
	check := func(o models.Options) {
		for _, fault := range oneByOne(byFlag(o.Check())) {
			if !said[fault.Error()] {
				said[fault.Error()] = true
				faults = append(faults, usageError("%w", fault))
			}
		}
	}
	for i := range cfg.Targets {
		a := &cfg.Targets[i]
		if a.Model == "" || a.Command != nil { // is reached in its own way
			continue
		}
		over := f.over.target()
		a.Target.Scheme, a.Target.Protocol = over.Scheme, over.Protocol
		if a.Model.Proxy() {
			continue
		}
		o := models.Options{Model: a.Model, Front: f.front, WebConfig: webConfig, ModuleVersion: f.module, Native: cfg.Native, PathBase: f.pathBase}
		if front := targets.FrontOf(a.Target); front != "" {
			o.Fronts = []string{front}
		}
		check(o)
	}
	if len(cfg.Targets) == 0 { // what is wrong with the models is said: what any would say stands beside it
		check(models.Options{Model: ancmbench.OutOfProcess, Front: f.front, ModuleVersion: f.module, Native: cfg.Native, PathBase: f.pathBase})
	}
	return faults
}

// leaveOutUnfit removes from three or more models those that the flags exclude (TLS,
// modules, path base), and returns the reasons. It never removes one of two models, because
// the user named them.
func leaveOutUnfit(f *runFlags, cfg *experiment.Config) error {
	var fit []experiment.TargetSpec
	var whys []string
	for _, a := range cfg.Targets {
		if a.Model == "" || a.Command != nil {
			fit = append(fit, a)
		} else if why := unfit(a.Model, f.over.tls || f.over.h2, cfg.Native.Names() != nil, f.pathBase != ""); why != "" {
			whys = append(whys, why)
		} else {
			fit = append(fit, a)
		}
	}
	if whys == nil {
		return nil
	}
	if len(cfg.Targets) <= 2 || len(fit) < 2 {
		return usageError("%s", strings.Join(whys, "; "))
	}
	cfg.Targets, cfg.LeftOut = fit, append(cfg.LeftOut, whys...)
	cfg.Profile.Models = nil
	for _, a := range fit {
		if a.Model == "" {
			continue
		}
		cfg.Profile.Models = append(cfg.Profile.Models, a.Model)
	}
	return nil
}

// unfit says why a model cannot be measured over TLS, with native modules, or below a
// path; "" if it can.
func unfit(m ancmbench.Model, overTLS, native, below bool) string {
	switch {
	case overTLS && m == ancmbench.Relay:
		return "relay: cannot be reached with --tls or --h2: it passes bytes on as they are, and the app behind it speaks no TLS"
	case overTLS && m.Proxy():
		return string(m) + ": cannot be reached with --tls or --h2: ancmbench starts it without TLS"
	case native && !m.HasPipeline():
		return string(m) + ": has no pipeline of modules, which --request-log and --static-files need"
	case below && (m == ancmbench.Direct || m == ancmbench.Relay || m == ancmbench.Bare || m.Proxy()):
		return string(m) + ": does not pass a path base to its app, so it takes no --path-base"
	}
	return ""
}
