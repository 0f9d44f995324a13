package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/internal/clean"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/words"
)

func newGateCommand() *cobra.Command {
	f := &gateFlags{}
	c := &cobra.Command{
		Use:   "gate",
		Short: "Decide whether a change made it worse: head against base, a stored run, or budgets",
		Long: `Four forms, best first:
  head against base   --base CMD --head CMD, or --base-rev REV --build CMD --start CMD;
                      CMD is a server in any language; it listens on $PORT, or on
                      the port that replaces {port}
  penalty             --against RUN: the ratio of a new run against that of a stored one,
                      measured in the same way; name servers of your own, or your app,
                      as you did then (--target NAME=..., --app, or the --profile with them)
  budgets             --budget 'out-of-process p99 <= 2ms' (may be repeated), or the
                      key budgets of the profile
  absolute            --against RUN --absolute: refused when the hosts differ
With --result RUN the gate judges a run that was measured before, and starts nothing.

Exit codes: 0 pass, 1 tool error, 2 usage, 3 invalid, 4 no decision (0 with
--allow-inconclusive), 99 worse, 130 interrupted.`,
		Example: `  ancmbench gate --base './old --port {port}' --head './new --port {port}'
  ancmbench gate --base-rev origin/main --build 'go build -o app .' --start './app'
  ancmbench gate --against results/main --between-runs 2% --budget 'penalty p50 <= 2.5x'
  ancmbench gate --against results/app --app ./publish
  ancmbench gate --against results/hop --target 'direct=cmd:./app {port}' --target 'behind=http://127.0.0.1:8080/'`,
		RunE: func(c *cobra.Command, _ []string) error { return runGate(c, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.base, "base", "", "command that starts the base")
	fl.StringVar(&f.head, "head", "", "command that starts the head")
	fl.StringVar(&f.baseRev, "base-rev", "", "git revision of the base, built in a worktree of its own")
	fl.StringVar(&f.build, "build", "", "command that builds; it runs in both trees (with --base-rev)")
	fl.StringVar(&f.start, "start", "", "command that starts the server; it runs in both trees (with --base-rev)")
	fl.StringArrayVar(&f.against, "against", nil, "a stored run: its folder or results file; given three times or more, the first is the one to compare with, and the gate allows for how much they differ")
	fl.StringVar(&f.history, "history", "", "with --against: read from this history.jsonl how much runs differ")
	fl.StringVar(&f.betweenRuns, "between-runs", "", "with --against: how much runs differ (SD), as 3% (empty = from --against or --history, else 10% is assumed)")
	fl.BoolVar(&f.absolute, "absolute", false, "with --against: compare values instead of the penalty's ratio")
	fl.StringVar(&f.result, "result", "", "judge this stored run instead of measuring")
	fl.StringArrayVar(&f.targets, "target", nil, "NAME: the target to judge, where the run has several besides its baseline; NAME=URL or NAME=cmd:LINE: a server of your own to measure, as run has it")
	addAppFlag(c, &f.app)
	fl.StringVar(&f.webConfig, "web-config", "", "a web.config, or the folder with one, whose program is measured, as run has it")
	fl.StringVar(&f.model, "model", "both", "hosting models, when no command is given")
	addProcessesFlag(c, &f.processes)
	fl.StringVar(&f.targetPath, "path", "/", "the path that is requested from the commands, or from the app of --app (\"/\" = the profile's, if it is your own)")
	addRequestFlags(c, &f.asked)
	f.fleet.addServe(c)
	fl.StringVar(&f.rate, "rate", "", "open-loop requests per second (empty = the profile's, lowered to what the host can sustain)")
	fl.StringVar(&f.profile, "profile", "gate", "name of an embedded profile, or a file")
	fl.StringVar(&f.engine, "engine", "", "auto, wire or vegeta (empty = the profile's)")
	fl.IntVar(&f.launches, "launches", 0, "the largest number of fresh starts (0 = the profile's)")
	fl.DurationVar(&f.maxTime, "max-time", 0, "give up after this long (0 = the profile's)")
	fl.StringVar(&f.margin, "margin", "5%", "how much worse is allowed")
	fl.StringArrayVar(&f.metrics, "metric", nil, "judge this metric instead of "+words.List(injectableWords())+": "+strings.Join(ancmbench.MetricWords(), ", "))
	fl.StringArrayVar(&f.budgets, "budget", nil, "an absolute bound, as 'out-of-process p99 <= 2ms'")
	fl.BoolVar(&f.allow, "allow-inconclusive", false, "exit with 0 and a warning where there is no decision")
	fl.BoolVar(&f.allowEnv, "allow-env-mismatch", false, "with --absolute: compare even if the hosts differ")
	fl.StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of all random choices (0 = a new one)")
	fl.BoolVar(&f.details, "with-host-details", false, "keep host name, paths, and the values in commands in the results")
	addHistoryFlag(c, &f.appendTo)
	fl.StringVar(&f.markdown, "markdown", "", "also write the verdict as Markdown to this file")
	fl.StringVar(&f.junit, "junit", "", "also write the verdict as JUnit XML to this file")
	addFormatFlags(c, &f.form, ofGate)
	addVerbosity(c, &f.verbosity, verbosityHelp{"no progress and no text", "print the summary of the measurement as well: every metric, every warning, every check and the machine",
		"print the verdict as one JSON object: short for --format=json"})
	completeModels(c)
	return c
}

// runGate measures, or reads a stored run, and judges it.
func runGate(c *cobra.Command, f *gateFlags) error {
	form, err := f.form.choose(c, ofGate, map[string]bool{"json": f.asJSON})
	if err != nil {
		return err
	}
	if err := f.splitTargets(); err != nil {
		return err
	}
	profile, err := profileOfGate(c, f)
	if err != nil {
		return err
	}
	f.budgets = append(f.budgets, profile.Budgets...)
	g, stored, err := gateOf(f)
	if err != nil {
		g.Form = ""
	}
	if err := errors.Join(err, f.fleet.check(), f.fleet.shares(profile.Connections), gateMeasures(c, f, g, profile, stored), gateWritable(f, gateHistory(f), f.form.file())); err != nil {
		return err
	}
	run, analysis, dir, err := judged(c, f, g, profile, stored)
	if err != nil {
		return withoutVerdict(c, f, form, err)
	}
	if g, err = calibrated(g, run.Host); err != nil {
		return err
	}
	verdict, err := g.Judge(run, stored)
	if err != nil {
		return usageError("%w", namedTarget(err))
	}
	written := reportVerdict(f, dir, verdict, run)
	shown := showVerdict(c, f, form, verdict, run)
	if analysis != nil {
		written = errors.Join(written, appendHistory(gateHistory(f), run, analysis, verdict))
	}
	return verdictFirst(c, f, verdict, shown, errors.Join(written, writeVerdict(f, formsOf(verdict))))
}

// verdictFirst returns the verdict's own error. A file of the verdict that could not be
// written is only a warning then; but a pass that could not be shown is an error.
func verdictFirst(c *cobra.Command, f *gateFlags, v *gate.Verdict, shown, written error) error {
	if v.ExitCode == gate.ExitPass && shown != nil {
		return errors.Join(shown, written)
	}
	if err := errors.Join(shown, written); err != nil {
		fmt.Fprintln(c.ErrOrStderr(), "ancmbench: warning: "+clean.Lines(err.Error()))
	}
	if v.ExitCode == gate.ExitPass {
		return nil
	}
	// Where nothing else says why, standard error does; a verdict of worse is its code.
	unsaid := f.quiet && !f.asJSON && f.form.name == formats[0].name && v.ExitCode != gate.ExitFail
	return &codedError{code: v.ExitCode, silent: !unsaid, err: errors.New(v.Headline())}
}

// reportBeside returns the report beside a results file or in a run's folder; "" if none is
// there.
func reportBeside(run string) string {
	for _, path := range []string{filepath.Join(run, reportFile), filepath.Join(filepath.Dir(run), reportFile)} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// judged returns the run to judge, stored or measured now, and its analysis for the line of
// history. The analysis is nil for a stored run, which got its line when it was measured.
// dir is the folder of the run.
func judged(c *cobra.Command, f *gateFlags, g gate.Gate, p ancmbench.Profile, stored *ancmbench.Run) (run *ancmbench.Run, a *figures.Analysis, dir string, err error) {
	if f.result == "" {
		return gateRun(c, f, g, p, stored)
	}
	if run, err = readRun(f.result); err != nil {
		return nil, nil, "", fmt.Errorf("--result: %w", err)
	}
	if stored != nil && run.Started.Equal(stored.Started) && run.Seed == stored.Seed && run.Elapsed == stored.Elapsed {
		return nil, nil, "", usageError("--result and --against are the same run: there is nothing to compare")
	}
	if f.appendTo == "" {
		return run, nil, f.result, nil
	}
	a, err = figures.Analyse(run)
	return run, a, f.result, err
}
