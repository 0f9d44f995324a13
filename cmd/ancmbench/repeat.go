package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"ancmbench/experiment"
)

// repeatCommand gives the command line that repeats the run: the flags that were
// given, with the seed, and without what must not leave the machine.
func repeatCommand(c *cobra.Command, f *runFlags, cfg experiment.Config) []string {
	args := []string{"ancmbench", "run"}
	changed := c.Flags().Changed
	if len(f.targets) == 0 {
		model := f.model
		if !changed("model") {
			model = "both"
		}
		args = append(args, "--model="+model)
	}
	for _, t := range f.targets {
		args = append(args, "--target", redactTarget(t, f.details))
	}
	profile := f.profile
	if !f.details {
		profile = filepath.Base(profile)
	}
	args = append(args, "--profile="+profile)
	for _, name := range []string{"rate", "connections", "duration", "launches", "precision", "max-time", "engine", "front", "module", "find-peak", "cross-check"} {
		if changed(name) {
			args = append(args, "--"+name+"="+c.Flags().Lookup(name).Value.String())
		}
	}
	if f.webConfig != "" {
		file := f.webConfig
		if !f.details {
			file = filepath.Base(file)
		}
		args = append(args, "--web-config="+file)
	}
	return append(args, fmt.Sprintf("--seed=%d", cfg.Seed))
}
