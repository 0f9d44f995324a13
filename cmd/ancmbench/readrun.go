package main

import (
	"ancmbench"
	"ancmbench/internal/clean"
)

// readRun reads a results file to be shown: whose it is, nobody knows, and what it has
// as names and messages goes to terminals and into pages.
func readRun(path string) (*ancmbench.Run, error) {
	run, err := ancmbench.ReadRun(path)
	if err != nil {
		return nil, err
	}
	return shownRun(run), nil
}

// shownRun makes a run fit to be shown, in place. Terminal and page want the same.
func shownRun(run *ancmbench.Run) *ancmbench.Run {
	if run != nil {
		clean.Strings(run, clean.Terminal)
		clean.Strings(run, clean.HTML)
	}
	return run
}
