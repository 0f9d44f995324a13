package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
)

// historyFile is the history of all runs without --out; it lies beside their folders.
const historyFile = "history.jsonl"

func addHistoryFlag(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "append-history", "", "add this run as one line to this file (empty = results/"+historyFile+", unless --out is given)")
}

// historyOutput returns the file that the line of a run is appended to; without a path there
// is none.
func historyOutput(file, out string) outputFile {
	if file == "" && out == "" {
		file = filepath.Join("results", historyFile)
	}
	return outputFile{name: "--append-history", path: file, mode: os.O_APPEND}
}

// appendHistory adds the run as it was analysed, with the verdict on it if there is
// one, to the history: one line, written at once. Where nothing was measured there is
// nothing to add.
func appendHistory(o outputFile, run *ancmbench.Run, a *figures.Analysis, v *gate.Verdict) error {
	if o.path == "" || len(run.Results) == 0 {
		return nil
	}
	outcome := ""
	if v != nil {
		outcome = string(v.Outcome)
	}
	line, err := figures.HistoryLine(run, a, outcome)
	if err != nil {
		return err
	}
	o.form = func(w io.Writer) error {
		_, err := w.Write(line)
		return err
	}
	return o.put()
}
