package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// rowsOf returns the rows of .NET's settings of a profile, nil if it has none.
func rowsOf(p ancmbench.Profile) []ancmbench.DotnetRow {
	if p.Dotnet == nil {
		return nil
	}
	return p.Dotnet.Rows
}

// withRow returns the profile with the settings of a row over its own, and without rows.
func withRow(p ancmbench.Profile, row ancmbench.DotnetRow) ancmbench.Profile {
	d := *p.Dotnet
	d.Rows = nil
	s, over := d.Settings, row.Settings
	if over.GC != "" {
		s.GC = over.GC
	}
	for _, of := range []struct{ to, from **bool }{
		{&s.TieredPGO, &over.TieredPGO}, {&s.TieredCompilation, &over.TieredCompilation}, {&s.ReadyToRun, &over.ReadyToRun}} {
		if *of.from != nil {
			*of.to = *of.from
		}
	}
	s.Environment = append(append([]ancmbench.Field(nil), s.Environment...), over.Environment...) // the last wins
	d.Settings = s
	p.Dotnet = &d
	return p
}

// measureRows makes a run for each row, in a folder of its own within the run's folder, and
// writes one table of all. A row that fails ends it: the rows before it are kept.
func measureRows(c *cobra.Command, f *runFlags, cfg experiment.Config) error {
	dir, err := runPlace(f.out, cfg.Profile.Name).make()
	if err != nil {
		return err
	}
	rows := rowsOf(cfg.Profile)
	each := *f
	each.quiet = true // its summary; the progress is shown
	var measured []*figures.Analysis
	for i, row := range rows {
		one := cfg
		one.Profile = withRow(cfg.Profile, row)
		place := place{dir: filepath.Join(dir, row.Name), given: true}
		if one.Dir, err = place.make(); err != nil {
			return err
		}
		if !f.quiet {
			fmt.Fprintf(c.ErrOrStderr(), "row %d of %d: %s\n", i+1, len(rows), row.Name)
		}
		run, runErr := carryOut(c, one, f.quiet, &f.fleet)
		if err := conclude(c, &each, one.Dir, run, runErr); err != nil {
			return errors.Join(fmt.Errorf("row %s: %w", row.Name, err), showRows(c.OutOrStdout(), dir, rows, measured))
		}
		a, err := figures.Analyse(run)
		if err != nil {
			return err
		}
		measured = append(measured, a)
	}
	if f.quiet {
		return nil
	}
	return showRows(c.OutOrStdout(), dir, rows, measured)
}

// showRows writes what each target costs over the baseline in each row that was measured.
func showRows(w io.Writer, dir string, rows []ancmbench.DotnetRow, measured []*figures.Analysis) error {
	if len(measured) == 0 {
		return nil
	}
	t := page.NewTable()
	t.AppendHeader(table.Row{"settings", "against " + words.Plain(measured[0].Baseline), "median", "ratio [95 % interval]", "CPU per request", "peak"})
	for i, a := range measured {
		for _, target := range a.Targets {
			row := table.Row{rows[i].Name, words.Plain(target), words.Absent, words.Absent, words.Absent, words.Absent}
			if s, ok := a.Statement(a.Median(), target); ok {
				row[2], row[3] = stats.Value(s.Base, s.Unit)+" to "+stats.Value(s.Other, s.Unit), stats.Ratio(s.Ratio)
			}
			for k, metric := range []string{ancmbench.CPUPerRequest, ancmbench.PeakThroughput} {
				if s, ok := a.Statement(metric, target); ok {
					row[4+k] = stats.Ratio(s.Ratio)
				}
			}
			t.AppendRow(row)
		}
	}
	t.SetColumnConfigs(page.Columns(6, 2))
	_, err := fmt.Fprintf(w, "%s\n\nreports  %s\n", strings.TrimRight(t.Render(), "\n"), words.Plain(filepath.Join(dir, "*", "report.html")))
	return err
}
