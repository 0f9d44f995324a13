package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
)

// repeatCommand returns the command line that repeats the run: the given flags, with the
// seed, without what must not leave the machine.
func repeatCommand(c *cobra.Command, f *runFlags, cfg experiment.Config) []string {
	args := []string{"ancmbench", "run"}
	changed := c.Flags().Changed
	both := []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess}
	switch {
	case len(f.targets) > 0:
	case changed("model"):
		args = append(args, "--model="+f.model)
	case slices.Equal(cfg.Profile.Models, both): // else the profile names them
		args = append(args, "--model=both")
	}
	for _, t := range f.targets {
		args = append(args, "--target", redactTarget(t, f.details))
	}
	profile := f.profile
	if !f.details {
		profile = filepath.Base(profile)
	}
	args = append(args, "--profile="+profile)
	for _, name := range []string{"rate", "connections", "duration", "launches", "precision", "max-time", "engine", "front", "tls", "h2", "module", "path-base", "find-peak", "cross-check"} {
		if changed(name) {
			args = append(args, flagWord(name, c.Flags().Lookup(name).Value.String()))
		}
	}
	for _, name := range []string{"web-config", "request-log", "static-files"} {
		file := c.Flags().Lookup(name).Value.String()
		if file == "" {
			continue
		}
		if !f.details {
			file = filepath.Base(file)
		}
		args = append(args, "--"+name+"="+file)
	}
	return append(args, fmt.Sprintf("--seed=%d", cfg.Seed))
}

// flagWord returns a flag as a person would type it.
func flagWord(name, value string) string {
	if value == "true" {
		return "--" + name
	}
	return "--" + name + "=" + value
}
