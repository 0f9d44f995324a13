package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/profiles"
	"ancmbench/reports/page"
	"ancmbench/reports/words"
)

func newProfilesCommand() *cobra.Command {
	var v verbosity
	c := &cobra.Command{
		Use:   "profiles [NAME | FILE | schema]",
		Short: "List the embedded profiles, show one, or check a file of your own",
		Long: `Lists the embedded profiles. With a NAME it prints that profile, comments included. With
a FILE it checks a profile of yours and says what it will do; nothing is started.
'ancmbench profiles new' writes one to begin from, and 'ancmbench profiles schema' prints
the JSON Schema of profiles, for editors.

A profile is a YAML file. Durations, rates, shares and sizes have their unit: 800ms,
1000/s, 10%, 64KiB. An unknown key is a fault.

` + profiles.Text(profiles.Manual()),
		Example: `  ancmbench profiles
  ancmbench profiles quick > mine.yaml && ancmbench run --profile=mine.yaml
  ancmbench profiles mine.yaml
  ancmbench profiles schema > profile.schema.json   # and in the profile's first line:
      # yaml-language-server: $schema=profile.schema.json`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return beginning(append(profiles.Names(), schemaWord), typed), cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listProfiles(c.OutOrStdout(), v)
			}
			if args[0] == schemaWord {
				_, err := c.OutOrStdout().Write(profiles.Schema())
				return err
			}
			return showProfile(c.OutOrStdout(), args[0], v)
		},
	}
	addVerbosity(c, &v, verbosityHelp{"print the names alone; of a file nothing: the exit code says whether it is sound", "print the phases as well", "print a JSON list of the profiles, or one profile; of a body beyond 1 KiB its length and SHA-256"})
	c.AddCommand(newProfileCommand())
	return c
}

// schemaWord prints the schema instead of a profile; no profile has this name.
const schemaWord = "schema"

// newProfileCommand is the subcommand that writes a profile to begin from.
func newProfileCommand() *cobra.Command {
	var v verbosity
	c := &cobra.Command{
		Use:   "new [FILE]",
		Short: "Write a commented profile to begin from",
		Long: `Writes a commented profile with the usual phases, and every key that a profile may have as
a comment. An existing file is never overwritten.`,
		Example: `  ancmbench profiles new mine.yaml
  ancmbench run --profile=mine.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return writeNewProfile(c.OutOrStdout(), append(args, "profile.yaml")[0], v)
		},
	}
	addVerbosity(c, &v, verbosityHelp{"print nothing", "print the profile as well", "print one JSON object with the name of the file"})
	return c
}

func writeNewProfile(w io.Writer, path string, v verbosity) error {
	text := profiles.Scaffold()
	if path == "-" {
		_, err := w.Write(text)
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usageError("profiles new: %s exists, and is not overwritten: give another name", clean.Terminal(path))
	}
	if err != nil {
		return fmt.Errorf("profiles new: %w", err)
	}
	if _, err = f.Write(text); err != nil {
		return errors.Join(fmt.Errorf("profiles new: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("profiles new: %w", err)
	}
	switch {
	case v.asJSON:
		return writeJSON(w, map[string]string{"file": path})
	case v.quiet:
		return nil
	case v.verbose:
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "%s: run it with ancmbench run --profile=%s\n", clean.Terminal(path), words.ShellWords([]string{path}))
	return err
}

// showProfile prints an embedded profile, or what a file holds.
func showProfile(w io.Writer, name string, v verbosity) error {
	source, err := profiles.Source(name)
	embedded := err == nil
	if !embedded && !isFile(name) {
		return usageError("%w", err)
	}
	p, err := loadProfile(name)
	if err != nil {
		return err
	}
	switch {
	case v.asJSON:
		return writeJSON(w, withShortBodies(p))
	case v.quiet:
		if embedded {
			_, err = fmt.Fprintln(w, name)
		}
		return err
	case embedded && !v.verbose:
		_, err = w.Write(source)
		return err
	}
	s := page.NewScreen(page.Options{Width: width(w), Color: colored(w)})
	s.Para("", fmt.Sprintf("%s: %s, %s, %s, %s", words.Plain(p.Name), words.Count(p.Launches, "fresh start", "fresh starts"), rateOfProfile(p),
		words.Count(p.Connections, "connection", "connections"), words.Count(len(p.Phases), "phase", "phases")), text.Bold)
	writePhases(s, p)
	_, err = w.Write(s.Buf.Bytes())
	return err
}

// isFile reports whether a name is meant as a file: it exists, or has a folder or an extension.
func isFile(name string) bool {
	return isThere(name) || strings.ContainsAny(name, `/\.`)
}

func listProfiles(w io.Writer, v verbosity) error {
	var all []ancmbench.Profile
	for _, name := range profiles.Names() {
		p, err := profiles.Load(name)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	s := page.NewScreen(page.Options{Width: width(w), Color: colored(w)})
	switch {
	case v.asJSON:
		var list []listedProfile
		for _, p := range all {
			list = append(list, withShortBodies(p))
		}
		return writeJSON(w, list)
	case v.quiet:
		for _, p := range all {
			s.Line(p.Name)
		}
	default:
		for i, p := range all {
			if i > 0 {
				s.Line("")
			}
			s.Para("", fmt.Sprintf("%s: %s, %s", p.Name, words.Count(p.Launches, "fresh start", "fresh starts"), rateOfProfile(p)), text.Bold)
			s.Para("  ", p.Description, text.Reset)
			if v.verbose {
				writePhases(s, p)
			}
		}
	}
	_, err := w.Write(s.Buf.Bytes())
	return err
}

func rateOfProfile(p ancmbench.Profile) string {
	if p.Rate > 0 {
		return words.Plain6(p.Rate) + " requests/s"
	}
	return "the rate from headroom"
}

// writePhases writes the phases of a profile, those alike once.
func writePhases(s *page.Screen, p ancmbench.Profile) {
	t := page.NewTable()
	t.AppendHeader(table.Row{"  phase", "kind", "at most, per model"})
	var said []string
	for _, ph := range p.Phases {
		length := words.Absent
		if ph.Duration > 0 {
			length = words.Span(ph.Duration.D())
		}
		row := []string{"  " + words.Short(ph.Name, 30), string(ph.Kind), length}
		if key := strings.Join(row, "\x00"); !slices.Contains(said, key) {
			said = append(said, key)
			t.AppendRow(page.Cells(row))
		}
	}
	s.Raw(page.Fit(t, s.Width))
}
