package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports"
)

// historyFile lies beside the folders of runs that were not told where to lie.
const historyFile = "history.jsonl"

func addHistoryFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "append-history", "", "add this run as one line to this file (empty = results/"+historyFile+", unless --out says where the run goes)")
}

// appendHistory adds the run as it was analysed, with the verdict on it if there is
// one, to the history: one line, written at once. Where nothing was measured there is
// nothing to add.
func appendHistory(file, out string, run *ancmbench.Run, a *reports.Analysis, v *reports.Verdict) error {
	if file == "" && out == "" {
		file = filepath.Join("results", historyFile)
	}
	if file == "" || len(run.Results) == 0 {
		return nil
	}
	line, err := reports.HistoryLine(run, a, v)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("--append-history: %w", err)
	}
	if _, err = f.Write(line); err != nil {
		err = fmt.Errorf("--append-history: %w", err)
	}
	return errors.Join(err, f.Close())
}
