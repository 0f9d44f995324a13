package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"ancmbench/profiles"
)

func newProfilesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "profiles [NAME | schema]",
		Short: "List the embedded profiles, show one to start your own from, or the schema of all",
		Long: `Without an argument it lists the embedded profiles; with a name it prints that profile;
'profiles schema' prints the JSON Schema of profiles, for editors.

A profile is a YAML file. Durations, rates, shares and sizes have their unit: 800ms,
1000/s, 10%, 64KiB. An unknown key is a fault.

` + profiles.Text(profiles.Manual()),
		Example: `  ancmbench profiles
  ancmbench profiles quick > mine.yaml && ancmbench run --profile=mine.yaml
  ancmbench profiles schema > profile.schema.json   # and in the profile's first line:
      # yaml-language-server: $schema=profile.schema.json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(append(profiles.Names(), schemaWord), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listProfiles(c)
			}
			text, err := profiles.Schema(), error(nil)
			if args[0] != schemaWord {
				text, err = profiles.Source(args[0])
			}
			if err != nil {
				return usageError("%w", err)
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
}

// schemaWord prints the schema instead of a profile; no profile has this name.
const schemaWord = "schema"

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
