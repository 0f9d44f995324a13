package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

func newCompareCommand() *cobra.Command {
	var markdown bool
	c := &cobra.Command{
		Use:     "compare RUN RUN...",
		Short:   "Compare two or more runs side by side",
		Example: "  ancmbench compare results/before results/after",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			var runs []figures.NamedRun
			for _, path := range args {
				r, err := readRun(path)
				if err != nil {
					return err
				}
				runs = append(runs, figures.NamedRun{Label: fmt.Sprintf("%d: %s", len(runs)+1, figures.LabelOf(r)), Run: r})
			}
			comparison, err := figures.Compare(runs)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			if markdown {
				return render.CompareMarkdown(w, comparison)
			}
			return render.CompareText(w, comparison, page.Options{Width: width(w), Color: colored(w)})
		},
	}
	c.Flags().BoolVar(&markdown, "markdown", false, "write Markdown instead of a table")
	return c
}
