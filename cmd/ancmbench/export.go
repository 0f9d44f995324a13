package main

import (
	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/render"
)

// exports are the forms of the launches that other tools read.
var exports = map[string]func(*cobra.Command, *ancmbench.Run) error{
	"csv":      func(c *cobra.Command, r *ancmbench.Run) error { return render.CSV(c.OutOrStdout(), r) },
	"benchfmt": func(c *cobra.Command, r *ancmbench.Run) error { return render.Benchfmt(c.OutOrStdout(), r) },
	"history": func(c *cobra.Command, r *ancmbench.Run) error {
		a, err := figures.Analyse(r)
		if err != nil {
			return err
		}
		line, err := figures.HistoryLine(r, a, "")
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
			r, err := ancmbench.ReadRun(args[0])
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
