package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/models/peers"
	"ancmbench/profiles"
	"ancmbench/reports"
)

// gateFlags are the flags of gate as they were typed.
type gateFlags struct {
	base, head, baseRev, build, start string
	against                           []string
	history, betweenRuns, result      string
	appendTo                          string // --append-history
	model, targetPath, rate           string
	profile, engine, out, margin      string
	metrics, budgets                  []string
	allow, allowEnv, absolute         bool
	quiet, asJSON, details            bool
	markdown, junit                   string
	launches                          int
	maxTime                           time.Duration
	seed                              uint64
}

func newGateCommand() *cobra.Command {
	f := &gateFlags{}
	c := &cobra.Command{
		Use:   "gate",
		Short: "Has it got worse? Head against base in one job, a stored run, or budgets",
		Long: `Four forms, best first:
  head against base   --base CMD --head CMD, or --base-rev REV --build CMD --start CMD;
                      CMD listens on $PORT, or where {port} stands, in any language
  penalty             --against RUN: the ratio of a new run against that of a stored one
  budgets             --budget 'out-of-process p99 <= 2ms' (may be repeated), or the
                      key budgets of the profile
  absolute            --against RUN --absolute: refused when the hosts differ
With --result RUN a run that was measured before is judged, and nothing is started.

Exit codes: 0 pass, 1 tool error, 2 usage, 3 invalid, 4 no decision (0 with
--allow-inconclusive), 99 worse, 130 interrupted.`,
		Example: `  ancmbench gate --base './old --port {port}' --head './new --port {port}'
  ancmbench gate --base-rev origin/main --build 'go build -o app .' --start './app'
  ancmbench gate --against results/main --budget 'penalty p50 <= 2.5x'`,
		RunE: func(c *cobra.Command, _ []string) error { return gate(c, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.base, "base", "", "command that starts the base")
	fl.StringVar(&f.head, "head", "", "command that starts the head")
	fl.StringVar(&f.baseRev, "base-rev", "", "git revision of the base, built in a worktree of its own")
	fl.StringVar(&f.build, "build", "", "command that builds, run in either tree (with --base-rev)")
	fl.StringVar(&f.start, "start", "", "command that starts, run in either tree (with --base-rev)")
	fl.StringArrayVar(&f.against, "against", nil, "a stored run: its folder or results file; given three times or more, the first is compared with, and how far they lie apart is allowed for")
	fl.StringVar(&f.history, "history", "", "with --against: take how far runs lie apart from this history.jsonl")
	fl.StringVar(&f.betweenRuns, "between-runs", "", "with --against: how far runs lie apart (SD), as 3% (empty = from --against or --history, else 10% is assumed)")
	fl.BoolVar(&f.absolute, "absolute", false, "with --against: values instead of the penalty's ratio")
	fl.StringVar(&f.result, "result", "", "judge this run instead of measuring")
	fl.StringVar(&f.model, "model", "both", "hosting models, when no command is given")
	fl.StringVar(&f.targetPath, "path", "/", "what commands are asked for")
	fl.StringVar(&f.rate, "rate", "", "open-loop requests per second (empty = the profile's, lowered to what the host holds)")
	fl.StringVar(&f.profile, "profile", "gate", "name of an embedded profile, or a file")
	fl.StringVar(&f.engine, "engine", "", "auto, wire or vegeta (empty = the profile's)")
	fl.IntVar(&f.launches, "launches", 0, "the most fresh starts (0 = the profile's)")
	fl.DurationVar(&f.maxTime, "max-time", 0, "give up after this long (0 = the profile's)")
	fl.StringVar(&f.margin, "margin", "5%", "how much worse is allowed")
	fl.StringArrayVar(&f.metrics, "metric", nil, "gate this instead of p50, p90 and cpu: p50, p90, p99, cpu, throughput, memory")
	fl.StringArrayVar(&f.budgets, "budget", nil, "an absolute bound, as 'out-of-process p99 <= 2ms'")
	fl.BoolVar(&f.allow, "allow-inconclusive", false, "no decision is exit code 0, with a warning")
	fl.BoolVar(&f.allowEnv, "allow-env-mismatch", false, "with --absolute: compare hosts that differ")
	fl.StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of all that is drawn (0 = a new one)")
	fl.BoolVar(&f.details, "with-host-details", false, "keep host name, paths, and the values in commands in the results")
	addHistoryFlag(c, &f.appendTo)
	fl.StringVar(&f.markdown, "markdown", "", "write the verdict as Markdown to this file")
	fl.StringVar(&f.junit, "junit", "", "write the verdict as JUnit XML to this file")
	fl.BoolVar(&f.quiet, "quiet", false, "no progress and no text")
	fl.BoolVar(&f.asJSON, "json", false, "print the verdict as one JSON object")
	completeModels(c)
	return c
}

// gate measures, or takes what was measured, and judges.
func gate(c *cobra.Command, f *gateFlags) error {
	written, err := profileBudgets(c, f)
	if err != nil {
		return err
	}
	f.budgets = append(f.budgets, written...)
	g, stored, err := gateOf(f)
	if err := errors.Join(err, gateMeasures(c, f, stored), gateWritable(f, gateHistory(f))); err != nil {
		return err
	}
	run, analysis, err := judged(c, f, g, stored)
	if err != nil {
		return withoutVerdict(c, f, err)
	}
	if g, err = calibrated(g, run.Host); err != nil {
		return err
	}
	verdict, err := g.Judge(run, stored)
	if err != nil {
		return usageError("%w", err)
	}
	if err := showVerdict(c, f, verdict); err != nil {
		return err
	}
	if analysis != nil {
		if err := appendHistory(gateHistory(f), run, analysis, verdict); err != nil {
			return err
		}
	}
	if verdict.ExitCode == reports.ExitPass {
		return nil
	}
	return &codedError{code: verdict.ExitCode, silent: true, err: errors.New(verdict.Headline())}
}

// judged is the run that the gate is about, stored or measured now, and its analysis
// for the line of history: nil where there is to be none, since a run that is only
// judged again was added before.
func judged(c *cobra.Command, f *gateFlags, g reports.Gate, stored *ancmbench.Run) (*ancmbench.Run, *reports.Analysis, error) {
	if f.result == "" {
		if err := again(stored); err != nil {
			return nil, nil, err
		}
		return gateRun(c, f, g, stored)
	}
	run, err := readRun(f.result)
	if err != nil {
		return nil, nil, fmt.Errorf("--result: %w", err)
	}
	if f.appendTo == "" {
		return run, nil, nil
	}
	a, err := reports.Analyse(run)
	return run, a, err
}

// profileBudgets are those of the profile, or of the run that is judged again
// unless a profile was named beside it.
func profileBudgets(c *cobra.Command, f *gateFlags) ([]string, error) {
	if f.result != "" && !c.Flags().Changed("profile") {
		run, err := readRun(f.result)
		if err != nil {
			return nil, nil // is read again where it is judged, after the flags
		}
		return run.Profile.Budgets, nil
	}
	p, err := loadProfile(f.profile)
	return p.Budgets, err
}

// loadProfile reads a profile whose budgets are held to the gate's own syntax.
func loadProfile(nameOrFile string) (ancmbench.Profile, error) {
	check := func(text string) error {
		_, err := reports.ParseBudget(text)
		return err
	}
	p, err := profiles.Loader{Budget: check}.Load(nameOrFile)
	if err != nil && !errors.As(err, new(profiles.Faults)) {
		return p, usageError("--%w", err) // it begins with the word profile; faults have file and line
	} else if err != nil {
		return p, usageError("%w", err)
	}
	return p, nil
}

// gateOf makes the gate out of the flags, and reads the stored run.
func gateOf(f *gateFlags) (reports.Gate, *ancmbench.Run, error) {
	g := reports.Gate{AllowInconclusive: f.allow, AllowEnvironment: f.allowEnv}
	var faults []error
	margin, err := parseShare(f.margin)
	if err != nil {
		faults = append(faults, fmt.Errorf("--margin %s: %w", f.margin, err))
	}
	g.Metrics = gatedMetrics(f.metrics, margin, &faults)
	if g.Budgets, err = reports.ParseBudgets(f.budgets); err != nil {
		for fault := range strings.SplitSeq(err.Error(), "\n") { // those of the profile were read with it
			faults = append(faults, errors.New("--"+fault))
		}
	}
	commands := f.base != "" || f.head != "" || f.baseRev != ""
	faults = append(faults, alone(f, commands)...)
	switch {
	case f.baseRev != "" && (f.base != "" || f.head != ""):
		faults = append(faults, errors.New("--base-rev and --base/--head exclude each other"))
	case f.baseRev != "" && f.start == "":
		faults = append(faults, errors.New("--base-rev needs --start"))
	case commands && f.baseRev == "" && (f.base == "" || f.head == ""):
		faults = append(faults, errors.New("--base and --head go together"))
	case commands && len(f.against) > 0:
		faults = append(faults, errors.New("--against compares with a stored run; --base and --head compare two commands now"))
	case len(f.against) > 0 && f.absolute:
		g.Form = reports.AgainstStored
	case len(f.against) > 0:
		g.Form = reports.PenaltyAgainstStored
	case commands || f.result != "" && len(f.budgets) == 0:
		g.Form = reports.HeadAgainstBase
	case len(f.budgets) > 0:
		g.Form, g.Metrics = reports.BudgetsOnly, nil
	default:
		faults = append(faults, errors.New("nothing to compare: give --base and --head, --base-rev, --against, --budget or --result, or a profile with budgets"))
	}
	if len(faults) > 0 {
		return g, nil, usageError("%w", errors.Join(faults...))
	}
	if len(f.against) == 0 {
		return g, nil, nil
	}
	stored, err := readStored(f, &g)
	return g, stored, err
}

// gatedMetrics turns the words of --metric into metrics with the margin.
func gatedMetrics(words []string, margin float64, faults *[]error) []reports.GatedMetric {
	if len(words) == 0 {
		metrics := reports.DefaultMetrics()
		for i := range metrics {
			if !metrics[i].Advisory && margin > 0 {
				metrics[i].Margin = margin
			}
		}
		return metrics
	}
	var metrics []reports.GatedMetric
	for _, word := range words {
		b, err := reports.ParseBudget(word + " <= 1s")
		if word == "throughput" {
			b, err = reports.ParseBudget("throughput >= 1/s")
		} else if strings.Contains(word, "memory") {
			b, err = reports.ParseBudget(word + " <= 1MB")
		}
		if err != nil {
			*faults = append(*faults, fmt.Errorf("--metric %s: no such metric", word))
			continue
		}
		metrics = append(metrics, reports.GatedMetric{Name: b.Metric, Margin: margin})
	}
	return metrics
}

func parseShare(s string) (float64, error) {
	text, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	v, err := finite(text)
	if err != nil || !percent || v <= 0 || v >= 100 {
		return 0, errors.New("want a share above 0 % and below 100 %, as 5%")
	}
	return v / 100, nil
}

// gateRun measures what the gate judges, launch by launch, until it can decide, and
// writes its reports.
func gateRun(c *cobra.Command, f *gateFlags, g reports.Gate, stored *ancmbench.Run) (*ancmbench.Run, *reports.Analysis, error) {
	cfg, cleanup, err := gateConfig(c, f, g, stored)
	if cleanup != nil {
		defer cleanup()
	}
	if err != nil {
		return nil, nil, err
	}
	run, err := carryOut(c, cfg, f.quiet)
	if err != nil {
		return nil, nil, err
	}
	a, err := reports.Analyse(run)
	if err != nil {
		return nil, nil, err
	}
	return run, a, showReports(io.Discard, cfg.Dir, run, a, shown{quiet: true})
}

func gateConfig(c *cobra.Command, f *gateFlags, g reports.Gate, stored *ancmbench.Run) (cfg experiment.Config, cleanup func(), err error) {
	p, rf, err := gateProfile(c, f, stored)
	if err != nil {
		return cfg, nil, err
	}
	if cfg.Arms, cleanup, err = gateArms(c, f, rf, &p); err != nil {
		return cfg, cleanup, err
	}
	cfg.Profile = p
	cfg.RateFixed = c.Flags().Changed("rate") || stored != nil
	if cfg.Seed = f.seed; cfg.Seed == 0 {
		cfg.Seed = rand.Uint64N(1 << 32)
	}
	if cfg.NewEngine, err = engineMaker(engineChoice{name: p.Engine}, probe(cfg.Arms)); err != nil {
		return cfg, cleanup, err
	}
	cfg.Tool = ancmbench.Tool{Version: version(), Go: runtime.Version(), Modules: moduleVersions()}
	cfg.WithHostDetails = f.details
	cfg.Command = gateCommand(c, f.details, cfg.Seed)
	cfg.Enough = func(run *ancmbench.Run) bool {
		known, err := calibrated(g, run.Host) // as the verdict will be
		if err != nil {
			return true
		}
		v, err := known.Judge(run, stored)
		return err == nil && !v.More
	}
	cfg.Dir, err = makeRunDir(f.out, p.Name)
	return cfg, cleanup, err
}

// gateArms lists what is compared: two commands, two revisions, or models.
func gateArms(c *cobra.Command, f *gateFlags, rf *runFlags, p *ancmbench.Profile) ([]experiment.ArmSpec, func(), error) {
	base, head := peers.Command{Line: f.base}, peers.Command{Line: f.head}
	var cleanup func()
	var baseFrom, headFrom *ancmbench.Revision
	switch {
	case f.baseRev != "":
		say := c.ErrOrStderr()
		if f.quiet {
			say = io.Discard
		}
		tree, err := checkOut(c.Context(), say, f.baseRev, f.build)
		if err != nil {
			return nil, nil, err
		}
		cleanup = tree.remove
		baseFrom, headFrom = &tree.base, &tree.head
		base, head = peers.Command{Line: f.start, Dir: tree.dir}, peers.Command{Line: f.start}
	case f.base == "":
		arms, _, err := armsOf(c, rf, p)
		return arms, nil, err
	}
	w := ancmbench.Workload{Name: "path", Requests: []ancmbench.Request{{Method: "GET", Path: f.targetPath}}}
	p.Models = nil
	return []experiment.ArmSpec{
		{Name: "base", Command: &base, Revision: baseFrom, Target: ancmbench.Target{Workload: w}},
		{Name: "head", Command: &head, Revision: headFrom, Target: ancmbench.Target{Workload: w}},
	}, cleanup, nil
}

// showVerdict writes the verdict everywhere that was asked for, and where a CI
// system looks for it.
func showVerdict(c *cobra.Command, f *gateFlags, v *reports.Verdict) error {
	w := c.OutOrStdout()
	var errs []error
	switch {
	case f.asJSON:
		errs = append(errs, writeJSON(w, v))
	case !f.quiet:
		errs = append(errs, reports.GateText(w, v, reports.TextOptions{Width: width(w), Color: colored(w)}))
	}
	if os.Getenv("GITHUB_ACTIONS") == "true" && !f.asJSON {
		for _, a := range reports.Annotations(v) {
			fmt.Fprintln(w, a)
		}
	}
	errs = append(errs, writeVerdict(f, verdictForms{
		markdown: func(w io.Writer) error { return reports.GateMarkdown(w, v) },
		junit:    func(w io.Writer) error { return reports.JUnit(w, v) },
		outputs:  reports.Outputs(v),
	}))
	return errors.Join(errs...)
}

// withoutVerdict tells a CI system of what kept the gate from a verdict, which
// people read on standard error.
func withoutVerdict(c *cobra.Command, f *gateFlags, why error) error {
	n := reports.NoVerdict{Why: why.Error(), ExitCode: exitCode(c.Context(), why)}
	if os.Getenv("GITHUB_ACTIONS") == "true" && !f.asJSON {
		fmt.Fprintln(c.OutOrStdout(), n.Annotation())
	}
	return errors.Join(why, writeVerdict(f, verdictForms{n.Markdown, n.JUnit, n.Outputs()}))
}
