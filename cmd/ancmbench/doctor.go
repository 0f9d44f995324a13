package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/internal/host"
	"ancmbench/internal/usage"
	"ancmbench/reports/advice"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
	"ancmbench/reports/words"
)

// diagnosis is what doctor found.
type diagnosis struct {
	Host     ancmbench.Host    `json:"host"`
	Key      string            `json:"fingerprint_key"`
	Checks   []ancmbench.Check `json:"checks"`
	Advice   []advice.Advice   `json:"advice"`
	Leftover int               `json:"leftover_groups_removed"`
}

func newDoctorCommand() *cobra.Command {
	var watch time.Duration
	var v verbosity
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Show what makes this host unfit to measure on, and how to fix it",
		Long: `Checks the machine and watches it for a few seconds: clock, governor, swap, limits,
free ports, cores, steal, and the load of other programs. The exit code is 0 when nothing
was found, and 4 when a measurement would be less precise or in doubt. Each finding is
followed by a command that fixes it, or that shows what to fix by hand. doctor runs none
of these commands.`,
		Example: `  ancmbench doctor
  ancmbench doctor --watch=30s --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if watch < 2*time.Second || watch > mostWait {
				return usageError("--watch=%v: at least 2s and at most %v: the load of other programs is sampled once a second", watch, mostWait)
			}
			d, err := diagnose(c, watch)
			if err != nil {
				return err
			}
			return showDiagnosis(c.OutOrStdout(), d, v)
		},
	}
	c.Flags().DurationVar(&watch, "watch", 4*time.Second, "how long to watch the load of other programs")
	addVerbosity(c, &v, verbosityHelp{"print nothing: the exit code says it", "print all that is known of the machine as well", "print one JSON object"})
	return c
}

func diagnose(c *cobra.Command, watch time.Duration) (*diagnosis, error) {
	h := host.Fingerprint()
	h.GeneratorCores, h.ServerCores = host.Cores(0)
	found := host.Inspect(h, 0)
	d := &diagnosis{Host: h, Key: h.Key(), Checks: found.Checks}
	d.Leftover, _ = usage.SweepStale()                                       // where there are no groups there is nothing left over
	w := &host.Watcher{Own: func() (time.Duration, error) { return 0, nil }} // we sleep meanwhile
	if err := w.Start(); err != nil {
		return nil, err
	}
	timer := time.NewTimer(watch)
	defer timer.Stop()
	select {
	case <-c.Context().Done():
	case <-timer.C:
	}
	w.Stop()
	seen := w.Seen()
	d.Checks = append(d.Checks, seen.Checks...)
	d.Advice = advice.Advise(append(found.Warnings, seen.Warnings...))
	return d, nil
}

func showDiagnosis(w io.Writer, d *diagnosis, v verbosity) error {
	clean.Strings(d, clean.Terminal) // a hypervisor names its processor as it likes
	var err error
	switch {
	case v.asJSON:
		err = writeJSON(w, d)
	case !v.quiet:
		err = writeDiagnosis(w, d, v)
	}
	if err != nil {
		return err
	}
	return undecidedUnlessFit(d)
}

// writeDiagnosis writes what doctor found for people.
func writeDiagnosis(w io.Writer, d *diagnosis, v verbosity) error {
	opts := page.Options{Width: width(w), Color: colored(w)}
	p, h := page.NewScreen(opts), d.Host
	p.Para("", fmt.Sprintf("%s/%s, %d cores (%s), %s, %s", h.OS, h.Arch, h.Cores, h.CPUModel, words.Amount(float64(h.MemoryBytes), "bytes"), h.Virtual), text.Reset)
	p.Line("")
	t := page.NewTable()
	t.AppendHeader(table.Row{"check", "value", "bound", ""})
	for _, check := range d.Checks {
		t.AppendRow(checkRow(check))
	}
	t.SetColumnConfigs(page.Columns(4, 4))
	p.Raw(page.Fit(t, p.Width))
	p.Line("")
	if d.Leftover > 0 {
		p.Para("", fmt.Sprintf("removed %d groups that an earlier run left behind", d.Leftover), text.Reset)
	}
	if len(d.Advice) == 0 {
		p.Para("", "nothing was found that disturbs measuring on this host", text.FgGreen)
	}
	for _, a := range d.Advice {
		p.Para("", fmt.Sprintf("%s: %s. Fix: %s.", a.Severity, a.Text, a.Do), text.Reset)
		if a.Command != "" && h.OS == "linux" {
			p.Line("    " + a.Command) // never wrapped, because it is to be copied
		}
	}
	if _, err := w.Write(p.Buf.Bytes()); err != nil || !v.verbose {
		return err
	}
	return render.HostText(w, h, opts)
}

func checkRow(c ancmbench.Check) table.Row {
	if c.Unsupported != "" {
		return table.Row{c.Name, "unsupported", "", c.Unsupported}
	}
	side := "at most"
	if c.AtLeast {
		side = "at least"
	}
	word := "ok"
	if !c.OK() {
		word = "PAST"
	}
	return table.Row{c.Name, figure(c.Name, c.Value), side + " " + figure(c.Name, c.Bound), word}
}

// figure returns a value for people, by the unit in which the name of its check ends.
func figure(name string, v float64) string {
	for _, unit := range []string{"seconds", "bytes", "share", "count"} {
		if strings.HasSuffix(name, "_"+unit) {
			if unit == "count" && v != math.Trunc(v) {
				break // cores, of which a limit may allow a part
			}
			return words.Amount(v, unit)
		}
	}
	return words.Amount(v, "")
}

// undecidedUnlessFit returns the exit code of a host on which answers would be in doubt.
func undecidedUnlessFit(d *diagnosis) error {
	for _, a := range d.Advice {
		if a.Severity == advice.Serious || a.Severity == advice.Caution {
			return &codedError{code: exitUndecided, silent: true, err: fmt.Errorf("this host is not quiet: %s", a.Text)}
		}
	}
	return nil
}
