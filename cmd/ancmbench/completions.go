package main

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ancmbench"
	"ancmbench/profiles"
)

// wordsOfFlags are the words that a shell offers for the value of a flag, by its name, with
// what it offers beside them. A flag that registers its own is left alone.
var wordsOfFlags = map[string]struct {
	words  func() []string
	beside cobra.ShellCompDirective
}{
	"engine":  {func() []string { return engineNames }, cobra.ShellCompDirectiveNoFileComp},
	"metric":  {ancmbench.MetricWords, cobra.ShellCompDirectiveNoFileComp},
	"module":  {func() []string { return []string{"v1", "v2"} }, cobra.ShellCompDirectiveNoFileComp},
	"spin":    {func() []string { return []string{"precise", "balanced", "idle"} }, cobra.ShellCompDirectiveNoFileComp},
	"profile": {profiles.Names, cobra.ShellCompDirectiveDefault}, // or a file
	"against": {runFolders, cobra.ShellCompDirectiveDefault},
	"result":  {runFolders, cobra.ShellCompDirectiveDefault},
	"check":   {runFolders, cobra.ShellCompDirectiveDefault},
}

// numberTypes are the types of flags whose value is a number.
var numberTypes = []string{"int", "int64", "uint64", "float64", "duration"}

// completeFlags gives every flag of a command and its subcommands what a shell offers for
// its value: words, nothing for a number, or else files.
func completeFlags(c *cobra.Command) {
	for _, below := range c.Commands() {
		completeFlags(below)
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		offer, known := wordsOfFlags[f.Name]
		switch {
		case f.Value.Type() == "bool":
		case known: // fails where the flag has its own, which is meant
			_ = c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
				return beginning(offer.words(), typed), offer.beside
			})
		case numeric[f.Name] || slices.Contains(numberTypes, f.Value.Type()):
			_ = c.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
		}
	})
	if c.ValidArgsFunction == nil && c.Args == nil && c.Runnable() {
		c.ValidArgsFunction = cobra.NoFileCompletions // there are no arguments
	}
}
