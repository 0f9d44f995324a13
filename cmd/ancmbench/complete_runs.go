package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
)

// resultsDir is the folder in which each run without --out gets a folder of its own.
const resultsDir = "results"

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
