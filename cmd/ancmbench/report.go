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

// reportFlags are the flags of report as they were typed.
type reportFlags struct {
	verbosity
	check, metrics, target string
	markdown               bool
	form                   formatFlags
}

func newReportCommand() *cobra.Command {
	f := &reportFlags{}
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Make every report again from a results file",
		Long: `Makes report.html and the pictures of a run again, beside its results file, and prints
the summary, or another --format of it.`,
		Example: `  ancmbench report results/20260102-150405-quick
  ancmbench report results/20260102-150405-quick --format=prometheus --output=ancmbench.prom
  ancmbench report results/breakdown --check=results/both`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRuns,
		RunE:              func(c *cobra.Command, args []string) error { return report(c, f, args[0]) },
	}
	addVerbosity(c, &f.verbosity, verbosityHelp{"print nothing, only write the reports", "print every metric, every warning, every check and the machine as well",
		"print one JSON object: short for --format=json"})
	addFormatFlags(c, &f.form, ofReport)
	c.Flags().BoolVar(&f.markdown, "markdown", false, "print Markdown: short for --format=markdown")
	c.Flags().StringVar(&f.target, "target", "", "with --format=hgrm: the target, where the run has several")
	addMetricsFlag(c, &f.metrics)
	c.Flags().StringVar(&f.check, "check", "", "check a breakdown's penalty against this independent run of --model=both, instead of making reports")
	return c
}

// report makes the reports of a run again and prints one form of it.
func report(c *cobra.Command, f *reportFlags, path string) error {
	form, err := f.form.choose(c, ofReport, map[string]bool{"json": f.asJSON, "markdown": f.markdown})
	show := shown{verbosity: f.verbosity, metrics: f.metrics, target: f.target, form: form, to: f.form}
	if err := errors.Join(err, show.check(), f.form.file().try()); err != nil {
		return err
	}
	r, err := readRun(path)
	if err != nil {
		return err
	}
	if f.check != "" {
		return checkBreakdown(c, r, f)
	}
	dir := path
	if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
		dir = filepath.Dir(dir)
	}
	a, err := figures.Analyse(r)
	if err != nil {
		return err
	}
	return showReports(c.OutOrStdout(), dir, r, a, show)
}

// checkBreakdown prints whether an independent run confirms the breakdown's penalty. The
// exit code is 0 if it does, 3 if not, and 4 if that is undecided.
func checkBreakdown(c *cobra.Command, breakdown *ancmbench.Run, f *reportFlags) error {
	both, err := readRun(f.check)
	if err != nil {
		return fmt.Errorf("--check: %w", err)
	}
	found, err := figures.CheckBreakdown(breakdown, both)
	if err != nil {
		return usageError("%w", err)
	}
	err = f.form.print(c.OutOrStdout(), func(w io.Writer) error {
		switch {
		case f.asJSON || f.form.name == "json":
			return writeJSON(w, found)
		case f.form.name != formats[0].name || f.markdown:
			return usageError("--check: prints text or JSON, and no other format")
		case f.quiet:
			return nil
		}
		return render.CheckText(w, found, page.Options{Width: width(w), Color: colored(w)})
	})
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
	verbosity
	// metrics is "headline" or "all"; empty means headline.
	metrics string
	// target is that of a format that has room for one only.
	target string
	// form is what is printed; the zero form is JSON with asJSON, else text.
	form format
	to   formatFlags
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

// showReports writes report.html and the PNGs of an analysed run into dir, and prints what
// show asks for to w, or to the file that it names.
func showReports(w io.Writer, dir string, r *ancmbench.Run, a *figures.Analysis, show shown) error {
	file := filepath.Join(dir, reportFile)
	err := ancmbench.WriteWhole(file, func(w io.Writer) error { return render.HTML(w, r, a) })
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := charts.PNGs(dir, r, a); err != nil {
		return err
	}
	form := show.form
	switch {
	case form.report == nil && show.asJSON:
		form = formatNamed("json")
	case form.report == nil:
		form = formats[0]
	}
	if show.quiet && form.name == formats[0].name && show.to.output == "" {
		return nil
	}
	return show.to.print(w, func(w io.Writer) error {
		return form.report(w, reported{run: r, analysis: a, page: file, target: show.target,
			opts: page.Options{Width: width(w), Color: colored(w), Report: file, AllMetrics: show.metrics == "all", Verbose: show.verbose}})
	})
}
