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
	{"benchfmt", "benchfmt (benchstat)", render.Benchfmt},
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

func newExportCommand() *cobra.Command {
	var names, titles []string
	for _, f := range exportFormats {
		names, titles = append(names, f.name), append(titles, f.title)
	}
	var format string
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "Print the fresh starts of a run for other tools: " + strings.Join(titles, ", "),
		Example: `  ancmbench export results/x --format=benchfmt > x.txt && benchstat -col /target x.txt
  ancmbench export results/x --format=history >> history.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			i := slices.Index(names, format)
			if i < 0 {
				return usageError("--format=%s: the formats are %s", format, strings.Join(names, ", "))
			}
			r, err := readRun(args[0])
			if err != nil {
				return err
			}
			return exportFormats[i].write(c.OutOrStdout(), r)
		},
	}
	c.Flags().StringVar(&format, "format", names[0], fmt.Sprintf("one of %s", strings.Join(names, ", ")))
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return c
}
