package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports"
)

func newReportCommand() *cobra.Command {
	var asJSON bool
	var check string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Make every report again from a results file",
		Example: `  ancmbench report results/20260102-150405-quick
  ancmbench report results/breakdown --check=results/both`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := ancmbench.ReadRun(args[0])
			if err != nil {
				return err
			}
			if check != "" {
				return checkBreakdown(c, r, check, asJSON)
			}
			dir := args[0]
			if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
				dir = filepath.Dir(dir)
			}
			return writeReports(c.OutOrStdout(), dir, r, asJSON, false)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the table")
	c.Flags().StringVar(&check, "check", "", "hold a breakdown's penalty against this independent run of --model=both, instead of making reports")
	return c
}

// checkBreakdown says whether an independent run finds the breakdown's penalty:
// exit code 0 if it does, 3 if not, 4 if that cannot be told.
func checkBreakdown(c *cobra.Command, breakdown *ancmbench.Run, path string, asJSON bool) error {
	both, err := ancmbench.ReadRun(path)
	if err != nil {
		return err
	}
	found, err := reports.CheckBreakdown(breakdown, both)
	if err != nil {
		return usageError("%w", err)
	}
	w := c.OutOrStdout()
	if asJSON {
		err = writeJSON(w, found)
	} else {
		err = reports.CheckText(w, found, reports.TextOptions{Width: width(w), Color: colored(w)})
	}
	codes := map[reports.CheckOutcome]int{reports.Agrees: exitOK, reports.Disagrees: exitInvalid}
	code, known := codes[found.Outcome]
	if !known {
		code = exitUndecided
	}
	if err != nil || code == exitOK {
		return err
	}
	return &codedError{code: code, silent: true, err: errors.New(found.Sentence())}
}

// writeReports writes report.html and the PNGs into dir, and the summary to w.
func writeReports(w io.Writer, dir string, r *ancmbench.Run, asJSON, quiet bool) error {
	analysis, err := reports.Analyse(r)
	if err != nil {
		return err
	}
	err = ancmbench.WriteWhole(filepath.Join(dir, "report.html"), func(w io.Writer) error { return reports.HTML(w, r, analysis) })
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := reports.PNGs(dir, r, analysis); err != nil {
		return err
	}
	switch {
	case asJSON:
		return reports.JSON(w, r, analysis)
	case quiet:
		return nil
	default:
		return reports.Text(w, r, analysis, reports.TextOptions{Width: width(w), Color: colored(w), Report: filepath.Join(dir, "report.html")})
	}
}
