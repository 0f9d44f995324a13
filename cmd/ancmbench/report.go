package main

import (
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
	c := &cobra.Command{
		Use:     "report DIR",
		Short:   "Make every report again from a results file",
		Example: "  ancmbench report results/20260102-150405-quick",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := ancmbench.ReadRun(args[0])
			if err != nil {
				return err
			}
			dir := args[0]
			if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
				dir = filepath.Dir(dir)
			}
			return writeReports(c.OutOrStdout(), dir, r, asJSON, false)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the table")
	return c
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
