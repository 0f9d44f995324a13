package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
)

// compareFlags are the flags of compare as they were typed.
type compareFlags struct {
	verbosity
	markdown bool
	form     formatFlags
}

func newCompareCommand() *cobra.Command {
	f := &compareFlags{}
	c := &cobra.Command{
		Use:   "compare RUN RUN...",
		Short: "Compare two or more runs side by side",
		Long: `Compares runs with the first one. Each RUN is the folder of a run or its results file.
Nothing is decided: a gate does that.`,
		Example: `  ancmbench compare results/before results/after
  ancmbench compare results/before results/after --format=csv --output=changes.csv`,
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: completeRuns,
		RunE:              func(c *cobra.Command, args []string) error { return compare(c, f, args) },
	}
	addVerbosity(c, &f.verbosity, verbosityHelp{"print the table alone, without notes", "print every metric, also those that the short table leaves out",
		"print one JSON object: short for --format=json"})
	addFormatFlags(c, &f.form, ofCompare)
	c.Flags().BoolVar(&f.markdown, "markdown", false, "print Markdown: short for --format=markdown")
	return c
}

func compare(c *cobra.Command, f *compareFlags, paths []string) error {
	form, err := f.form.choose(c, ofCompare, map[string]bool{"json": f.asJSON, "markdown": f.markdown})
	if err := errors.Join(err, f.form.file().try()); err != nil {
		return err
	}
	var runs []figures.NamedRun
	for _, path := range paths {
		r, err := readRun(path)
		if err != nil {
			return err
		}
		runs = append(runs, figures.NamedRun{Label: fmt.Sprintf("%d: %s", len(runs)+1, figures.LabelOf(r)), Run: r})
	}
	by := figures.Compare
	if f.verbose {
		by = figures.CompareEvery
	}
	comparison, err := by(runs)
	if err != nil {
		return err
	}
	return f.form.print(c.OutOrStdout(), func(w io.Writer) error {
		return form.compare(w, comparing{runs, comparison, page.Options{Width: width(w), Color: colored(w), Brief: f.quiet}})
	})
}
