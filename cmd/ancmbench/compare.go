package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports"
)

func newCompareCommand() *cobra.Command {
	var markdown bool
	c := &cobra.Command{
		Use:     "compare RUN RUN...",
		Short:   "Set two or more runs side by side",
		Example: "  ancmbench compare results/before results/after",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			var runs []reports.NamedRun
			for _, path := range args {
				r, err := readRun(path)
				if err != nil {
					return err
				}
				runs = append(runs, reports.NamedRun{Label: fmt.Sprintf("%d: %s", len(runs)+1, reports.LabelOf(r)), Run: r})
			}
			comparison, err := reports.Compare(runs)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			if markdown {
				return reports.CompareMarkdown(w, comparison)
			}
			return reports.CompareText(w, comparison, reports.TextOptions{Width: width(w), Color: colored(w)})
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "write Markdown instead of a table")
	return c
}

// exports are the forms of the launches that other tools read.
var exports = map[string]func(*cobra.Command, *ancmbench.Run) error{
	"csv": func(c *cobra.Command, r *ancmbench.Run) error {
		clean.Strings(r, clean.CSV)
		return reports.CSV(c.OutOrStdout(), r)
	},
	"benchfmt": func(c *cobra.Command, r *ancmbench.Run) error { return reports.Benchfmt(c.OutOrStdout(), r) },
	"history": func(c *cobra.Command, r *ancmbench.Run) error {
		a, err := reports.Analyse(r)
		if err != nil {
			return err
		}
		line, err := reports.HistoryLine(r, a, nil)
		if err != nil {
			return err
		}
		_, err = c.OutOrStdout().Write(line)
		return err
	},
}

func newExportCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "export RUN",
		Short: "Print a run's launches for other tools: csv, benchfmt (benchstat), or a line of history",
		Example: `  ancmbench export results/x --format=benchfmt > x.txt && benchstat -col /target x.txt
  ancmbench export results/x --format=history >> history.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			export, known := exports[format]
			if !known {
				return usageError("--format=%s: the formats are csv, benchfmt and history", format)
			}
			r, err := readRun(args[0])
			if err != nil {
				return err
			}
			return export(c, r)
		},
	}
	c.Flags().StringVar(&format, "format", "csv", "csv, benchfmt or history")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"csv", "benchfmt", "history"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}
