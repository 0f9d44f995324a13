package main

import (
	"ancmbench"
	"ancmbench/internal/clean"
)

// readRun reads a results file for showing. The file may come from anywhere, and its names
// and messages go to terminals and into pages, so they are cleaned.
func readRun(path string) (*ancmbench.Run, error) {
	run, err := ancmbench.ReadRun(path)
	if err != nil {
		return nil, err
	}
	return shownRun(run), nil
}

// shownRun cleans a run for showing, in place; terminal and page need the same.
func shownRun(run *ancmbench.Run) *ancmbench.Run {
	if run != nil {
		clean.Strings(run, clean.Terminal)
		clean.Strings(run, clean.HTML)
	}
	return run
}
