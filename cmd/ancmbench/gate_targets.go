package main

import (
	"io"
	"math/rand/v2"
	"runtime"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/peers"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
)

// gateRun measures what the gate judges, fresh start by fresh start, until the gate can
// decide, and writes the reports.
func gateRun(c *cobra.Command, f *gateFlags, g gate.Gate, p ancmbench.Profile, stored *ancmbench.Run) (*ancmbench.Run, *figures.Analysis, string, error) {
	cfg, cleanup, err := gateConfig(c, f, g, p, stored)
	if cleanup != nil {
		defer cleanup()
	}
	if err != nil {
		return nil, nil, "", err
	}
	said := c.ErrOrStderr()
	if f.quiet {
		said = io.Discard
	}
	if err := answering(c.Context(), said, &cfg); err != nil {
		return nil, nil, "", err
	}
	run, err := carryOut(c, cfg, f.quiet, nil)
	if err != nil {
		return nil, nil, "", err
	}
	a, err := figures.Analyse(run)
	if err != nil {
		return nil, nil, "", err
	}
	return run, a, cfg.Dir, showReports(io.Discard, cfg.Dir, run, a, shown{verbosity: verbosity{quiet: true}})
}

// configByProfile is gateConfig with the profile of the flags and no stored run.
func configByProfile(c *cobra.Command, f *gateFlags, g gate.Gate) (cfg experiment.Config, cleanup func(), err error) {
	p, err := loadProfile(f.profile)
	if err != nil {
		return cfg, nil, err
	}
	return gateConfig(c, f, g, p, nil)
}

// gateConfig returns the configuration of the gate's measurement: that of the profile p, or
// that of the stored run.
func gateConfig(c *cobra.Command, f *gateFlags, g gate.Gate, p ancmbench.Profile, stored *ancmbench.Run) (cfg experiment.Config, cleanup func(), err error) {
	p, rf, err := gateProfile(c, f, p, stored)
	if err != nil {
		return cfg, nil, err
	}
	cfg.Profile = p
	if cleanup, err = gateTargets(c, f, rf, &cfg); err != nil {
		return cfg, cleanup, err
	}
	if err := gateAsks(f, rf, &cfg.Profile, cfg.Targets, stored); err != nil {
		return cfg, cleanup, err
	}
	cfg.AllowDifferentBodies = true // a new build may answer with more than the old one; that is noted
	p = cfg.Profile
	cfg.RateFixed = c.Flags().Changed("rate") || stored != nil
	if cfg.Seed = f.seed; cfg.Seed == 0 {
		cfg.Seed = rand.Uint64N(1 << 32)
	}
	if cfg.NewEngine, err = engineMaker(engineChoice{name: p.Engine}, probe(cfg.Targets)); err != nil {
		return cfg, cleanup, err
	}
	cfg.Tool = ancmbench.Tool{Version: version(), Go: runtime.Version(), Modules: moduleVersions()}
	cfg.WithHostDetails = f.details
	cfg.Command = gateCommand(c, f.details, cfg.Seed)
	cfg.Enough = func(run *ancmbench.Run) bool {
		known, err := calibrated(g, run.Host) // as the verdict will be
		if err != nil {
			return true
		}
		v, err := known.Judge(run, stored)
		return err == nil && !v.More
	}
	if err := cfg.Check(); err != nil {
		return cfg, cleanup, usageError("%w", err)
	}
	cfg.Dir, err = runPlace(f.out, p.Name).make()
	return cfg, cleanup, err
}

// gateTargets sets what is compared: two commands, two revisions, models, servers of the
// user's, or a program.
func gateTargets(c *cobra.Command, f *gateFlags, rf *runFlags, cfg *experiment.Config) (func(), error) {
	base, head := peers.Command{Line: f.base}, peers.Command{Line: f.head}
	var cleanup func()
	var baseFrom, headFrom *ancmbench.Revision
	switch {
	case f.baseRev != "":
		say := c.ErrOrStderr()
		if f.quiet {
			say = io.Discard
		}
		tree, err := checkOut(c.Context(), say, f.baseRev, f.build, ownFiles(f)...)
		if err != nil {
			return nil, err
		}
		cleanup = tree.remove
		baseFrom, headFrom = &tree.base, &tree.head
		base, head = peers.Command{Line: f.start, Dir: tree.dir}, peers.Command{Line: f.start}
	case f.base == "":
		say := c.ErrOrStderr()
		if f.quiet {
			say = io.Discard
		}
		return nil, takeTargets(c, rf, cfg, say)
	}
	cfg.Profile.Models, cfg.Profile.Targets = nil, nil
	base.Unset = localVariables(c.Context()) // a hook's would lead a command's git astray
	head.Unset = base.Unset
	cfg.Targets = commandTargets(f.targetPath, base, head)
	cfg.Targets[0].Revision, cfg.Targets[1].Revision = baseFrom, headFrom
	return cleanup, nil
}

// commandTargets are two commands that are asked for a path.
func commandTargets(path string, base, head peers.Command) []experiment.TargetSpec {
	w := ancmbench.Workload{Name: "path", Requests: []ancmbench.Request{{Method: "GET", Path: path}}}
	return []experiment.TargetSpec{
		{Name: "base", Command: &base, Target: ancmbench.Target{Workload: w}},
		{Name: "head", Command: &head, Target: ancmbench.Target{Workload: w}},
	}
}
