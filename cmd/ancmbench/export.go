package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports/figures"
	"ancmbench/reports/render"
	"ancmbench/reports/words"
)

// exportFormat is one format in which export prints the fresh starts of a run.
type exportFormat struct {
	name, title string
	write       func(io.Writer, *ancmbench.Run) error
}

// exportFormats are all formats, the default first. The flag, the help and the completion
// are made from them.
var exportFormats = []exportFormat{
	{"csv", "csv", func(w io.Writer, r *ancmbench.Run) error {
		clean.Strings(r, clean.CSV)
		return render.CSV(w, r)
	}},
	{"benchfmt", "benchfmt (benchstat)", func(w io.Writer, r *ancmbench.Run) error {
		return render.Benchfmt(w, figures.NamedRun{Run: r})
	}},
	{"json", "json", render.LaunchJSON},
	{"history", "a line of history", func(w io.Writer, r *ancmbench.Run) error {
		a, err := figures.Analyse(r)
		if err != nil {
			return err
		}
		line, err := figures.HistoryLine(r, a, "")
		if err != nil {
			return err
		}
		_, err = w.Write(line)
		return err
	}},
}

// exportFlags are the flags of export as they were typed.
type exportFlags struct {
	verbosity
	form formatFlags
}

func newExportCommand() *cobra.Command {
	var names, titles []string
	for _, f := range exportFormats {
		names, titles = append(names, f.name), append(titles, f.title)
	}
	f := &exportFlags{}
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "Print the fresh starts of a run for other tools: " + strings.Join(titles, ", "),
		Example: `  ancmbench export results/x --format=benchfmt > x.txt && benchstat -col /target x.txt
  ancmbench export results/x --format=history >> history.jsonl`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRuns,
		RunE:              func(c *cobra.Command, args []string) error { return export(c, f, names, args[0]) },
	}
	addVerbosity(c, &f.verbosity, verbosityHelp{"do not say on standard error what was left out", "say on standard error what was written",
		"print one JSON object: short for --format=json"})
	c.Flags().StringVar(&f.form.name, "format", names[0], fmt.Sprintf("one of %s", strings.Join(names, ", ")))
	c.Flags().StringVarP(&f.form.output, "output", "o", "", "write it to this file instead of standard output")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func export(c *cobra.Command, f *exportFlags, names []string, path string) error {
	name := f.form.name
	if f.asJSON && c.Flags().Changed("format") && name != "json" {
		return usageError("--format=%s and --json exclude each other: give one", name)
	}
	if f.asJSON {
		name = "json"
	}
	i := slices.Index(names, name)
	if i < 0 {
		return usageError("--format=%s: the formats are %s", name, strings.Join(names, ", "))
	}
	if err := f.form.file().try(); err != nil {
		return err
	}
	r, err := readRun(path)
	if err != nil {
		return err
	}
	left := 0
	for _, res := range r.Results {
		if res.Void != "" {
			left++
		}
	}
	if err := f.form.print(c.OutOrStdout(), func(w io.Writer) error { return exportFormats[i].write(w, r) }); err != nil {
		return err
	}
	if f.verbose {
		fmt.Fprintf(c.ErrOrStderr(), "%s of %s, in %s\n", words.Count(r.LaunchesDone, "fresh start", "fresh starts"), figures.LabelOf(r), exportFormats[i].title)
	}
	if left > 0 && !f.quiet {
		fmt.Fprintf(c.ErrOrStderr(), "%s not in it, which were discarded; -q leaves out this line\n", words.Count(left, "result is", "results are"))
	}
	return nil
}
