package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/experiment/targets"
	"ancmbench/internal/clean"
	"ancmbench/models"
	"ancmbench/models/ancm/webconfig"
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
	if len(f.targets) > 0 {
		for _, name := range []string{"tls", "h2", "request-log", "static-files", "web-config", "path-base"} {
			if c.Flags().Changed(name) {
				faults = append(faults, usageError("--%s is for bundled models, and --target is a server of your own", name))
			}
		}
		return errors.Join(faults...)
	}
	err = configureProgram(c, f, cfg)
	webConfig := f.webConfig
	if err != nil {
		faults, webConfig = append(faults, err), "" // what is wrong with it is said
	}
	faults = append(faults, leaveOutUnfit(f, cfg))
	cfg.PathBase = strings.TrimRight(f.pathBase, "/")
	below(&cfg.Profile, cfg.PathBase)
	return errors.Join(append(faults, optionFaults(f, cfg, webConfig)...)...)
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
		if why := unfit(a.Model, f.over.tls || f.over.h2, cfg.Native.Names() != nil, f.pathBase != ""); why != "" {
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

// configureProgram reads the web.config, and returns a usage error where it cannot. A
// processPath names a program that only the models that forward can host. The other
// models host ancmbench's own app, so a comparison of both kinds would compare two apps:
// it is refused.
func configureProgram(c *cobra.Command, f *runFlags, cfg *experiment.Config) error {
	if f.webConfig == "" {
		return nil
	}
	var err error
	if f.webConfig, err = webconfig.Find(f.webConfig); err != nil {
		return usageError("--web-config: %w", err)
	}
	config, notices, err := webconfig.Reader{Module: f.module}.ReadFile(f.webConfig)
	if err != nil {
		return usageError("--web-config: %w", err)
	}
	cfg.WebConfig = f.webConfig
	if note := config.ProgramNote(); note != "" {
		notices = append(notices, note)
	}
	if config.ProcessPath != "" && models.ModelOf(config) == ancmbench.InProcess && !c.Flags().Changed("model") {
		notices = append(notices, notInProcess(f.webConfig, config))
	}
	for _, n := range notices {
		fmt.Fprintln(c.ErrOrStderr(), "note:", clean.Terminal(n))
	}
	if config.ProcessPath == "" {
		return nil
	}
	if !c.Flags().Changed("model") {
		cfg.Targets = nil
		cfg.Profile.Models = []ancmbench.Model{ancmbench.Bare, ancmbench.OutOfProcess}
		for _, m := range cfg.Profile.Models {
			cfg.Targets = append(cfg.Targets, experiment.TargetSpec{Name: string(m), Model: m})
		}
	}
	own := slices.IndexFunc(cfg.Targets, func(a experiment.TargetSpec) bool { return !a.Model.Forwards() })
	cfg.Program = programLine(config, f.details)
	if own >= 0 {
		return usageError("--web-config: model %s hosts ancmbench's own app and not the program of processPath: "+
			"compare models that host it, as --model=bare,out-of-process", cfg.Targets[own].Model)
	}
	return nil
}

// notInProcess says why a program is hosted out-of-process although its web.config says
// in-process.
func notInProcess(webConfig string, config webconfig.Config) string {
	return fmt.Sprintf("%s: hostingModel is in-process, and in-process hosting of a program needs a build that this version does not have: %s is hosted out-of-process",
		webConfig, config.ProcessPath)
}

// programLine returns the command line of a web.config as a person knows it; without
// details it keeps no folder of this machine and no value that may be a secret.
func programLine(config webconfig.Config, details bool) string {
	path, arguments := config.ProcessPath, config.Arguments
	if !details {
		path, arguments = path[strings.LastIndexAny(path, `/\`)+1:], redactLine(arguments)
	}
	return strings.TrimSpace(path + " " + arguments)
}
