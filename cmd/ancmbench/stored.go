package main

import (
	"bytes"
	"errors"
	"fmt"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/stats"
)

// readStored reads the run that a gate compares with, and sets in the gate how much such
// runs differ, from the best source that was given.
func readStored(f *gateFlags, g *gate.Gate) (*ancmbench.Run, error) {
	var runs []*ancmbench.Run
	for _, path := range f.against {
		r, err := readRun(path)
		if err != nil {
			return nil, fmt.Errorf("--against: %w", err)
		}
		runs = append(runs, r)
	}
	var err error
	switch {
	case f.betweenRuns != "":
		err = givenSpread(f.betweenRuns, g)
	case len(runs) > 1:
		if g.BetweenRuns, err = g.BetweenStored(runs); err != nil {
			err = usageError("--against: %w", err)
		}
	case f.history != "":
		err = historySpread(f.history, g, runs[0])
	}
	return runs[0], err
}

// givenSpread uses the SD of --between-runs for all metrics.
func givenSpread(text string, g *gate.Gate) error {
	share, err := parseShare(text)
	if err != nil {
		return usageError("--between-runs %s: %w", text, err)
	}
	g.BetweenRuns = map[string]stats.BetweenRuns{}
	for _, m := range append(gate.DefaultMetrics(), g.Metrics...) {
		g.BetweenRuns[m.Name] = stats.BetweenRuns{SD: share, From: "--between-runs"}
	}
	return nil
}

// maxHistoryFile is large enough for the runs of decades.
const maxHistoryFile = 64 << 20

func historySpread(path string, g *gate.Gate, stored *ancmbench.Run) error {
	text, err := ancmbench.ReadWhole(path, maxHistoryFile)
	if err != nil {
		return fmt.Errorf("--history: %w", err)
	}
	entries, err := figures.ReadHistory(bytes.NewReader(text))
	clean.Strings(&entries, clean.Terminal) // as the stored run is, which they are compared with
	if err != nil {
		return fmt.Errorf("--history %s: %w", path, err)
	}
	if g.BetweenRuns, err = g.BetweenHistory(entries, stored); err != nil {
		return usageError("%w", err)
	}
	if len(g.BetweenRuns) == 0 {
		return usageError("--history %s: %w", path, errors.New("it contains fewer than three complete runs like the stored one on this kind of host"))
	}
	return nil
}
