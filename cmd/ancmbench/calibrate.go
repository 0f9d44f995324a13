package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

func newCalibrateCommand() *cobra.Command {
	f := &gateFlags{}
	var attenuation, measureOnly bool
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure a model against a copy of itself: the noise of this host, for the gate",
		Long: `Runs the model direct against a second copy of itself in the gate's own design, and
keeps how much the two differed in a profile of this kind of host. A gate on such a
host then knows the smallest effect that it can detect.

With --attenuation one side then works half as long again per request. calibrate
measures how much of that a request-by-request comparison shows, relative to alternating
slices of the same processes, and the gate's margin shrinks by that factor. The factor
depends on the load: it is measured with 200us of work per request, and a less loaded
host shows more.`,
		Example: `  ancmbench calibrate
  ancmbench calibrate --attenuation --launches=20`,
		RunE: func(c *cobra.Command, _ []string) error { return calibrate(c, f, attenuation, measureOnly) },
	}
	c.Flags().IntVar(&f.launches, "launches", 12, "fresh starts")
	c.Flags().StringVar(&f.rate, "rate", "", "open-loop requests per second (empty = the profile's)")
	c.Flags().StringVar(&f.profile, "profile", "gate", "name of an embedded profile, or a file")
	c.Flags().StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of all random choices (0 = a new one)")
	addVerbosity(c, &f.verbosity, verbosityHelp{"no progress and no text", "print the summary of the measurement as well", "print what was found as one JSON object"})
	c.Flags().BoolVar(&attenuation, "attenuation", false, "also measure how much of a true effect shows request by request (takes as long again)")
	c.Flags().BoolVar(&measureOnly, "measure-only", false, "keep nothing in the profile of this kind of host")
	return c
}

func calibrate(c *cobra.Command, f *gateFlags, attenuation, measureOnly bool) error {
	if f.launches > 0 && f.launches < gate.FewestToSpread {
		return usageError("--launches %d: a spread needs at least %d fresh starts", f.launches, gate.FewestToSpread)
	}
	f.model = string(ancmbench.Direct)
	if err := errors.Join(checkMeasuring(c, f), calibrateWritable(f, attenuation, measureOnly)); err != nil {
		return err
	}
	run, err := measureTwins(c, f)
	if err != nil {
		return err
	}
	spread, err := gate.Gate{}.Spread(run)
	if err != nil {
		return err
	}
	if len(spread) == 0 { // what was kept before is worth more
		return coded(exitInvalid, "calibrate: fewer than %[2]d of %[1]d fresh starts count, so nothing is kept; the measurement is in the run's folder: %[3]s",
			run.Profile.Launches, gate.FewestToSpread, voidReasons(run))
	}
	p, err := readHostProfile(run.Host)
	if err != nil {
		return err
	}
	if p == nil {
		p = &hostProfile{Key: run.Host.Key()}
	}
	p.Made, p.Launches, p.Rate, p.Spread = run.Started, run.LaunchesDone, rateOf(run), spread
	if attenuation {
		if p.Attenuation, err = measureAttenuation(c, f); err != nil {
			return err
		}
	}
	path := ""
	if !measureOnly {
		if path, err = p.save(); err != nil {
			return err
		}
	}
	return p.conclude(c.OutOrStdout(), f, run, path, attenuation)
}

// calibrateWritable tries the folders of both runs and the place of the host's profile.
func calibrateWritable(f *gateFlags, attenuation, measureOnly bool) error {
	faults := []error{writable(runPlace(f.out, "gate"))}
	if attenuation {
		faults = append(faults, writable(runPlace(attenuationFlags(f).out, "gate")))
	}
	if !measureOnly {
		faults = append(faults, tryHostProfile())
	}
	return errors.Join(faults...)
}

// attenuationFlags returns the flags of the second run, which follows that of the twins.
func attenuationFlags(f *gateFlags) *gateFlags {
	own := *f
	if own.out != "" {
		own.out += "-attenuation"
	}
	return &own
}

// conclude prints what was found, and where it is kept.
func (p *hostProfile) conclude(w io.Writer, f *gateFlags, run *ancmbench.Run, path string, attenuation bool) error {
	switch {
	case f.asJSON:
		return writeJSON(w, calibration{p, path})
	case f.quiet:
		return nil
	}
	p.show(w, attenuation)
	if path != "" {
		fmt.Fprintf(w, "kept for hosts like this one in %s\n", path)
	}
	if f.verbose {
		return showMeasured(w, run, page.Options{Width: width(w), Color: colored(w), Verbose: true})
	}
	return nil
}

// calibration is what --json prints; File is empty where nothing is kept.
type calibration struct {
	*hostProfile
	File string `json:"file,omitempty"`
}

func (p *hostProfile) show(w io.Writer, attenuation bool) {
	fmt.Fprintf(w, "two copies of one model, %d fresh starts at %s requests/s; SD of the log ratio:\n", p.Launches, words.Plain6(p.Rate))
	for _, name := range slices.Sorted(maps.Keys(p.Spread)) {
		fmt.Fprintf(w, "  %-28s %5.1f %%\n", name, p.Spread[name]*100)
	}
	if a := p.Attenuation; attenuation {
		fmt.Fprintf(w, "an effect of %s in slices shows as %s request by request: %.0f %% of it [%.0f, %.0f] on the log scale, %d fresh starts at %s requests/s\n",
			worse(a.True), worse(a.Seen), 100*a.Share.Value, 100*a.Share.Interval.Low, 100*a.Share.Interval.High, a.Launches, words.Plain6(a.Rate))
		if why := a.doubt(); why != "" {
			fmt.Fprintf(w, "the gate does not use it: %s\n", why)
		}
	}
}

// worse writes a ratio as how much worse that is: "+5.1 % [+3.9, +6.3]".
func worse(e stats.Estimate) string {
	more := func(v float64) string { return fmt.Sprintf("%+.1f", 100*(v-1)) }
	return more(e.Value) + " %" + e.Range(more)
}

// measureTwins runs two targets that are the same.
func measureTwins(c *cobra.Command, f *gateFlags) (*ancmbench.Run, error) {
	cfg, _, err := configByProfile(c, f, gate.Gate{})
	if err != nil {
		return nil, err
	}
	twin := cfg.Targets[0]
	twin.Name += " again"
	cfg.Targets = append(cfg.Targets[:1:1], twin)
	cfg.Enough, cfg.Profile.Launches = nil, f.launches
	return carryOut(c, cfg, f.quiet, nil)
}

// attenuationWork is how much longer one side works when the attenuation is measured. It is
// much more than the margin, because the ratio of two small effects is mostly noise. Slices
// show its true size.
const attenuationWork = baseWork / 2

// measureAttenuation compares two sides that differ, in slices and in a duel.
func measureAttenuation(c *cobra.Command, f *gateFlags) (*hostAttenuation, error) {
	in := injection{word: "p50", metric: ancmbench.LatencyName(ancmbench.Response, 0.5), share: float64(attenuationWork) / float64(baseWork), extra: attenuationWork}
	run, err := in.measure(c, attenuationFlags(f), nil)
	if err != nil {
		return nil, err
	}
	launches, err := gate.Gate{}.Recorded(run)
	if err != nil {
		return nil, err
	}
	a, err := gate.AttenuationOf(launches, in.metric)
	if err != nil {
		return nil, coded(exitInvalid, "%w", err)
	}
	return &hostAttenuation{Attenuation: *a, Made: run.Started, Rate: rateOf(run)}, nil
}

// rateOf returns the open-loop rate in force.
func rateOf(run *ancmbench.Run) float64 {
	for _, r := range run.Results {
		if r.PhaseKind == ancmbench.Latency && r.Void == "" {
			return r.Arrivals.Rate
		}
	}
	return run.Profile.Rate
}
