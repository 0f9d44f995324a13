package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	for _, text := range f.processes {
		if !f.details {
			text = shownProcesses(text)
		}
		args = append(args, "--processes="+text)
	}
	args = append(args, "--profile="+shownPath(f.profile, f.details))
	for _, name := range repeatedFlags {
		if changed(name) {
			args = append(args, flagWord(name, c.Flags().Lookup(name).Value.String()))
		}
	}
	args = append(args, repeatAsked(c, f.details)...)
	app := c.Flags().Lookup("app").Value.String()
	if app != "" {
		args = append(args, "--app="+shownPath(app, f.details))
	}
	for _, name := range repeatedFiles {
		if name == "web-config" && app != "" {
			continue // it was found in the folder
		}
		// One that was found in a folder is named itself.
		if file := c.Flags().Lookup(name).Value.String(); file != "" {
			args = append(args, "--"+name+"="+shownPath(file, f.details))
		}
	}
	args = append(args, f.fleet.repeated(f.details)...)
	return append(args, fmt.Sprintf("--seed=%d", cfg.Seed))
}

// What repeats a run beside models, targets, profile and seed: flags with their values,
// and flags that name a file. The others say where a run goes and what is shown of it.
var (
	repeatedFlags = []string{"rate", "connections", "duration", "launches", "precision", "max-time", "engine", "front", "tls", "h2", "module", "path-base",
		"insecure", "http2", "allow-different-bodies", "allow-plain-and-tls", "find-peak", "cross-check", "with-host-details", "load-agents", "serve-agent"}
	repeatedFiles = []string{"cacert", "web-config", "request-log", "static-files"}
)

// shownPath returns a path that finds the file again from the folder that we are in: as it
// was typed, or from this folder on. Of a path from the root on to somewhere else only
// the name is kept, unless details are: it tells whose machine this is.
func shownPath(path string, details bool) string {
	if details || !filepath.IsAbs(path) {
		return path
	}
	here, err := os.Getwd()
	if err != nil {
		return filepath.Base(path)
	}
	rel, err := filepath.Rel(resolved(here), resolvedFolder(path))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.Base(path)
	}
	return rel
}

// flagWord returns a flag as a person would type it.
func flagWord(name, value string) string {
	if value == "true" {
		return "--" + name
	}
	return "--" + name + "=" + value
}
