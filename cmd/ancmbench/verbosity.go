package main

import (
	"github.com/spf13/cobra"
)

// verbosity holds the flags of every verb that prints a result: how much, and for whom.
type verbosity struct{ quiet, verbose, asJSON bool }

// verbosityHelp is what the flags of a verbosity do at a verb.
type verbosityHelp struct{ quiet, verbose, json string }

func addVerbosity(c *cobra.Command, v *verbosity, help verbosityHelp) {
	fl := c.Flags()
	fl.BoolVarP(&v.quiet, "quiet", "q", false, help.quiet)
	fl.BoolVarP(&v.verbose, "verbose", "v", false, help.verbose)
	fl.BoolVar(&v.asJSON, "json", false, help.json)
}

// contradiction returns the usage error of flags that exclude each other at every verb.
func contradiction(c *cobra.Command) error {
	quiet, verbose := c.Flags().Lookup("quiet"), c.Flags().Lookup("verbose")
	if quiet != nil && verbose != nil && quiet.Value.String() == "true" && verbose.Value.String() == "true" {
		return usageError("-q, --quiet and -v, --verbose exclude each other: less, or more")
	}
	return nil
}
