package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// completeRuns offers the runs in results/, the newest first, for an argument, and files
// where none begins as is typed.
func completeRuns(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return beginning(runFolders(), typed), cobra.ShellCompDirectiveDefault | cobra.ShellCompDirectiveKeepOrder
}

func beginning(words []string, typed string) []string {
	var fit []string
	for _, w := range words {
		if strings.HasPrefix(w, typed) {
			fit = append(fit, w)
		}
	}
	return fit
}

// runFolders returns the folders in results/ that hold a results file, the newest file first.
func runFolders() []string {
	files, err := filepath.Glob(filepath.Join(resultsDir, "*", ancmbench.ResultFile))
	if err != nil {
		return nil
	}
	when := map[string]int64{}
	var dirs []string
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		dir := filepath.Dir(file)
		dirs, when[dir] = append(dirs, dir), info.ModTime().UnixNano()
	}
	slices.SortFunc(dirs, func(a, b string) int { return cmp.Or(cmp.Compare(when[b], when[a]), cmp.Compare(b, a)) })
	return dirs
}
