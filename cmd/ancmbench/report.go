package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

func newReportCommand() *cobra.Command {
	var asJSON bool
	var check, metrics string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Make every report again from a results file",
		Example: `  ancmbench report results/20260102-150405-quick
  ancmbench report results/breakdown --check=results/both`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := readRun(args[0])
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
			show := shown{asJSON: asJSON, metrics: metrics}
			if err := show.check(); err != nil {
				return err
			}
			a, err := figures.Analyse(r)
			if err != nil {
				return err
			}
			return showReports(c.OutOrStdout(), dir, r, a, show)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object instead of the table")
	addMetricsFlag(c, &metrics)
	c.Flags().StringVar(&check, "check", "", "check a breakdown's penalty against this independent run of --model=both, instead of making reports")
	return c
}

// checkBreakdown prints whether an independent run confirms the breakdown's penalty. The
// exit code is 0 if it does, 3 if not, and 4 if that is undecided.
func checkBreakdown(c *cobra.Command, breakdown *ancmbench.Run, path string, asJSON bool) error {
	both, err := readRun(path)
	if err != nil {
		return fmt.Errorf("--check: %w", err)
	}
	found, err := figures.CheckBreakdown(breakdown, both)
	if err != nil {
		return usageError("%w", err)
	}
	w := c.OutOrStdout()
	if asJSON {
		err = writeJSON(w, found)
	} else {
		err = render.CheckText(w, found, page.Options{Width: width(w), Color: colored(w)})
	}
	codes := map[figures.CheckOutcome]int{figures.Agrees: exitOK, figures.Disagrees: exitInvalid}
	code, known := codes[found.Outcome]
	if !known {
		code = exitUndecided
	}
	if err != nil || code == exitOK {
		return err
	}
	return &codedError{code: code, silent: true, err: errors.New(render.CheckSentence(found))}
}

// shown says which reports go to the screen; the files are always written.
type shown struct {
	asJSON, quiet bool
	// metrics is "headline" or "all"; empty means headline.
	metrics string
}

// addMetricsFlag adds the flag that prints all metrics.
func addMetricsFlag(c *cobra.Command, metrics *string) {
	c.Flags().StringVar(metrics, "metrics", "headline", "metrics on the screen: headline, or all of the report")
	_ = c.RegisterFlagCompletionFunc("metrics", cobra.FixedCompletions([]string{"headline", "all"}, cobra.ShellCompDirectiveNoFileComp))
}

func (s shown) check() error {
	if s.metrics != "" && s.metrics != "headline" && s.metrics != "all" {
		return usageError("--metrics=%s: headline or all", s.metrics)
	}
	return nil
}

// reportFile is the name of the report in a run's folder.
const reportFile = "report.html"

// showReports writes report.html and the PNGs of an analysed run into dir, and the summary
// to w.
func showReports(w io.Writer, dir string, r *ancmbench.Run, a *figures.Analysis, show shown) error {
	err := ancmbench.WriteWhole(filepath.Join(dir, reportFile), func(w io.Writer) error { return render.HTML(w, r, a) })
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := charts.PNGs(dir, r, a); err != nil {
		return err
	}
	switch {
	case show.asJSON:
		return render.JSON(w, r, a, filepath.Join(dir, reportFile))
	case show.quiet:
		return nil
	default:
		return render.Text(w, r, a, page.Options{Width: width(w), Color: colored(w), Report: filepath.Join(dir, reportFile),
			AllMetrics: show.metrics == "all"})
	}
}
