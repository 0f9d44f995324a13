package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"ancmbench/profiles"
)

func newProfilesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "profiles [NAME]",
		Short: "List the embedded profiles, or show one to start your own from",
		Example: `  ancmbench profiles
  ancmbench profiles quick > mine.yaml && ancmbench run --profile=mine.yaml`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(profiles.Names(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listProfiles(c)
			}
			text, err := profiles.Source(args[0])
			if err != nil {
				return usageError("%w", err)
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}

func listProfiles(c *cobra.Command) error {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.AppendHeader(table.Row{"profile", "fresh starts", "rate", "what it is for"})
	for _, name := range profiles.Names() {
		p, err := profiles.Load(name)
		if err != nil {
			return err
		}
		rate := "from headroom"
		if p.Rate > 0 {
			rate = fmt.Sprintf("%g/s", p.Rate)
		}
		t.AppendRow(table.Row{name, p.Launches, rate, p.Description})
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), t.Render())
	return err
}
