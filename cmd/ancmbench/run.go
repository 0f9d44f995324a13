package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/internal/clean"
	"ancmbench/loadgen"
	"ancmbench/profiles"
	"ancmbench/reports/figures"
	"ancmbench/reports/sentences"
)

func newRunCommand() *cobra.Command { return runCommand(&runFlags{}) }

// runCommand is the command run, which reads its flags into f.
func runCommand(f *runFlags) *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Measure hosting models, or servers of your own, against each other",
		Long: `Measures hosting models, or servers of your own, against each other: each under the same
load, in turn, in fresh processes several times. Writes the results file, report.html and
pictures into a folder below ` + resultsDir + `/, and prints the summary.

Exit codes: 0 done, 1 tool error, 2 usage, 3 invalid (no trial counts),
130 interrupted.`,
		Example: `  ancmbench run --model=both
  ancmbench run --model=both --profile=standard
  ancmbench run --target direct=http://127.0.0.1:5000/ --target behind=http://127.0.0.1:8080/ --rate=500
  ancmbench run --target 'old=cmd:node old.js --port {port}' --target 'new=cmd:node new.js --port {port}'`,
		RunE: func(c *cobra.Command, _ []string) error { return measure(c, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.model, "model", "both", "hosting models, comma-separated; both = in-process,out-of-process; all = every rung of the breakdown")
	fl.StringVar(&f.caCert, "cacert", "", caCertUsage+" (--target)")
	fl.StringArrayVar(&f.targets, "target", nil, "a server of your own, NAME=URL (http, https, or unix:/path/of/socket:/path) or NAME=cmd:LINE, a command that starts it and listens on {port} or {socket}; the first is the baseline (give two or more)")
	addProcessesFlag(c, &f.processes)
	fl.StringVar(&f.profile, "profile", profiles.Default, "name of an embedded profile (see 'ancmbench profiles'), or a file")
	fl.StringVar(&f.rate, "rate", "", "requests per second on each target (open loop)")
	fl.IntVar(&f.connections, "connections", 0, "keep-alive connections to each target (0 = the profile's)")
	fl.DurationVar(&f.duration, "duration", 0, "length of each latency phase per target and fresh start (0 = the profile's)")
	fl.IntVar(&f.launches, "launches", 0, "fresh starts, the unit of evidence (0 = the profile's)")
	fl.StringVar(&f.precision, "precision", "", "stop early once the interval of the p50 ratio is at most this wide on either side, as 2%")
	fl.DurationVar(&f.maxTime, "max-time", 0, "start no new fresh start after this time (0 = the profile's)")
	fl.StringVar(&f.engine, "engine", "", "load generator: auto, wire or vegeta (empty = the profile's)")
	addRequestFlags(c, &f.asked)
	addServerFlags(c, &f.server)
	addMetricsFlag(c, &f.metrics)
	addHistoryFlag(c, &f.history)
	addFrontFlag(c, &f.front)
	addModuleFlags(c, &f.webConfig, &f.module)
	addAppFlag(c, &f.app)
	addPathBaseFlag(c, &f.pathBase)
	addOverFlags(c, &f.over)
	addNativeFlags(c, &f.native)
	fl.StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of all random choices (0 = a new one, which is printed)")
	fl.BoolVar(&f.findPeak, "find-peak", false, "allow peak phases and sweeps of rates on servers that ancmbench did not start")
	fl.BoolVar(&f.crossCheck, "cross-check", false, "compare both load engines at a low rate: the instrument's own error")
	fl.StringVar(&f.vegetaResults, "vegeta-results", "", "write every request of the vegeta engine to this file, for 'vegeta report' and 'vegeta plot'")
	addVerbosity(c, &f.verbosity, verbosityHelp{"print no progress and no summary, only write the reports",
		"print every metric, every warning, every check and the machine as well", "print one JSON object instead of the summary"})
	fl.BoolVar(&f.details, "with-host-details", false, "keep host name, paths and request headers in the results")
	f.fleet.addServe(c)
	completeModels(c)
	return c
}

// measure carries out a run, from the flags to the reports.
func measure(c *cobra.Command, f *runFlags) error {
	cfg, err := configure(c, f)
	if err != nil {
		return err
	}
	said := c.ErrOrStderr()
	if f.quiet {
		said = io.Discard
	}
	for _, left := range cfg.NotCarriedOut() {
		fmt.Fprintln(said, "note: not measured: "+clean.Terminal(left))
	}
	if err := answering(c.Context(), said, &cfg); err != nil {
		return err
	}
	if rowsOf(cfg.Profile) != nil {
		return measureRows(c, f, cfg)
	}
	if cfg.Dir, err = runPlace(f.out, cfg.Profile.Name).make(); err != nil {
		return err
	}
	run, runErr := carryOut(c, cfg, f.quiet, &f.fleet)
	return errors.Join(conclude(c, f, cfg.Dir, run, runErr), f.written.fault()) // a verdict has the exit code
}

// conclude writes the reports of what was measured and returns the error with the run's exit
// code.
func conclude(c *cobra.Command, f *runFlags, dir string, run *ancmbench.Run, runErr error) error {
	if len(run.Results) > 0 {
		// The file as a reader sees it, so that 'report' later gives the same bytes.
		onDisk, err := readRun(dir)
		if err == nil {
			err = tell(c, f, dir, onDisk)
		}
		if err != nil && runErr == nil {
			runErr = err
		} else if errors.Is(runErr, experiment.ErrFailing) {
			runErr = errors.Join(err, runErr) // the first says what follows from the second
		}
	}
	died := new(experiment.Died)
	switch {
	case errors.As(runErr, &died):
		return coded(exitInvalid, "the run ended after %s, because %s ended by itself; what was measured is in %s: %w",
			figures.ProgressOf(run), died.Target, dir, runErr)
	case errors.Is(runErr, loadgen.ErrWrongModel), errors.Is(runErr, experiment.ErrDifferentWork), errors.Is(runErr, experiment.ErrFailing):
		return coded(exitInvalid, "the run is invalid: %w", runErr)
	case runErr != nil:
		return runErr
	case run.LaunchesDone == 0:
		return coded(exitInvalid, "the run is invalid: %s; the observations are in %s", voidReasons(run), dir)
	}
	return nil
}

// tell analyses the run once, for its reports and for its line of history; neither
// waits for the other's disk.
func tell(c *cobra.Command, f *runFlags, dir string, run *ancmbench.Run) error {
	a, err := figures.Analyse(run)
	if err != nil {
		return err
	}
	err = errors.Join(showReports(c.OutOrStdout(), dir, run, a, shown{verbosity: f.verbosity, metrics: f.metrics}),
		appendHistory(historyOutput(f.history, f.out), run, a, nil))
	if said := sentences.Gone(a); err == nil && said != "" && run.LaunchesDone > 0 { // else the run is void, and says why
		return coded(exitInvalid, "%s", said)
	}
	return err
}

// voidReasons names why trials were discarded, with what failed, and which targets.
func voidReasons(run *ancmbench.Run) string {
	var said []string
	for _, r := range figures.Discarded(run) {
		var where []string
		for _, res := range run.Results {
			if at := res.Target + ", phase " + res.Phase; res.Void == r.Reason && !slices.Contains(where, at) {
				where = append(where, at)
			}
		}
		said = append(said, r.Words()+" ("+strings.Join(where, "; ")+")")
	}
	return strings.Join(said, "; ")
}

// configure turns flags into what experiment is handed, and refuses what cannot be:
// all faults at once, each line on its own cause.
func configure(c *cobra.Command, f *runFlags) (experiment.Config, error) {
	var cfg experiment.Config
	var faults []error
	faults = append(faults, (shown{metrics: f.metrics}).check())
	p, own, err := loadProfileFor(f.profile)
	faults = append(faults, err)
	f.own = own
	known := err == nil
	if !known { // the flags are held to one that has no faults
		if p, err = profiles.Load(profiles.Default); err != nil {
			return cfg, err
		}
	}
	faults = append(faults, override(c, f, &p, known), f.fleet.check(), f.fleet.shares(p.Connections))
	cfg.Targets, cfg.LeftOut, err = targetsOf(c, f, &p)
	faults = append(faults, err)
	cfg.Profile, cfg.Front, cfg.WebConfig, cfg.ModuleVersion = p, f.front, f.webConfig, f.module
	faults = append(faults, configureHosting(c, f, &cfg), f.ask(&cfg.Profile, cfg.Targets, own), tooMuch(cfg.Profile, len(cfg.Targets)),
		engineChoice{name: cfg.Profile.Engine, results: f.vegetaResults}.check(probe(cfg.Targets)),
		writable(runPlace(f.out, cfg.Profile.Name), historyOutput(f.history, f.out), resultsOutput(f.vegetaResults)))
	if err := errors.Join(faults...); err != nil {
		return cfg, err
	}
	p = cfg.Profile
	cfg.RateFixed = c.Flags().Changed("rate")
	cfg.FindPeak, cfg.WithHostDetails, cfg.AllowDifferentBodies = f.findPeak, f.details, f.server.differentBodies
	if err := cfg.Check(); err != nil {
		return cfg, usageError("%w", err)
	}
	if cfg.Seed = f.seed; cfg.Seed == 0 {
		cfg.Seed = rand.Uint64N(1 << 32)
	}
	if err := chooseEngines(f, &cfg); err != nil {
		return cfg, err
	}
	if p.Precision > 0 {
		cfg.Enough = figures.Precision(p.Precision).Reached
	}
	cfg.Tool = ancmbench.Tool{Version: version(), Go: runtime.Version(), Modules: moduleVersions()}
	cfg.Command = repeatCommand(c, f, cfg)
	return cfg, nil
}

// chooseEngines sets the load generator, and the one for the cross-check.
func chooseEngines(f *runFlags, cfg *experiment.Config) error {
	f.written = new(requestsFile)
	choice := engineChoice{name: cfg.Profile.Engine, results: f.vegetaResults, written: f.written}
	cfg.Engines = phaseEngines
	var err error
	if cfg.NewEngine, err = engineMaker(choice, probe(cfg.Targets)); err != nil || !f.crossCheck {
		return err
	}
	choice = engineChoice{name: "vegeta"}
	if cfg.NewEngine().Name() == choice.name {
		choice.name = "wire"
	}
	cfg.Second, err = engineMaker(choice, probe(cfg.Targets))
	return err
}
