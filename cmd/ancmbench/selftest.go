package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/reports/gate"
	"ancmbench/reports/words"
)

// injectable returns the metric of a word that selftest can make worse: one of those that
// decide a gate by default.
func injectable(word string) (name string, ok bool) {
	m, known := ancmbench.MetricByWord(word)
	return m.Name, known && m.Margin > 0 && !m.Advisory
}

// injectableWords returns the words that injectable knows.
func injectableWords() []string {
	var out []string
	for _, m := range ancmbench.Metrics {
		if m.Margin > 0 && !m.Advisory {
			out = append(out, m.Word)
		}
	}
	return out
}

// injection is what one side is made worse by.
type injection struct {
	word, metric string  // "p50", and the metric's name
	share        float64 // what is meant, of the metric
	// base is the metric as one fresh start showed it beforehand, in its unit, and
	// extra the work per request that is the share of it; base is zero where extra
	// was given.
	base  float64
	extra time.Duration
}

func newSelftestCommand() *cobra.Command {
	f := &gateFlags{}
	in := injection{}
	var inject string
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Make one side worse by a known amount, and check that the gate fails",
		Long: `A gate that never fails may be broken. selftest measures the model direct with a known
amount of work per request against a copy that works longer, by the given share of the
metric, and checks that the gate fails. It reads the true size of the injected effect from
alternating slices, and prints it with its interval. Exit code 0: the gate failed as it
should; 99: it did not.`,
		Example: "  ancmbench selftest --inject 5% --metric p50",
		RunE:    func(c *cobra.Command, _ []string) error { return selftest(c, f, inject, in) },
	}
	c.Flags().StringVar(&inject, "inject", "5%", "how much worse to make one side; with 0% the gate must not fail")
	c.Flags().StringVar(&in.word, "metric", "p50", strings.Join(injectableWords(), ", "))
	c.Flags().DurationVar(&in.extra, "extra", 0, "the extra work per request (empty = found in a fresh start beforehand)")
	c.Flags().StringVar(&f.rate, "rate", "", "open-loop requests per second (empty = the profile's)")
	c.Flags().IntVar(&f.launches, "launches", 0, "the largest number of fresh starts (0 = the profile's)")
	c.Flags().StringVar(&f.profile, "profile", "gate", "name of an embedded profile, or a file")
	c.Flags().StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of all random choices (0 = a new one)")
	addVerbosity(c, &f.verbosity, verbosityHelp{"no progress and no text", "print the summary of the measurement as well", "print the verdict, and what was injected, as one JSON object"})
	return c
}

// baseWork is the CPU that each request of a selftest costs by itself. It is long relative
// to the clock's noise, and short relative to a service time.
const baseWork = 200 * time.Microsecond

func selftest(c *cobra.Command, f *gateFlags, inject string, in injection) error {
	known := false
	if in.metric, known = injectable(in.word); !known {
		return usageError("--metric %s: want one of %s", in.word, strings.Join(injectableWords(), ", "))
	}
	if inject != "0%" && inject != "0" {
		var err error
		if in.share, err = parseShare(inject); err != nil {
			return usageError("--inject %s: %w", inject, err)
		}
	}
	if !between(in.extra, mostTimeout) || in.extra > 0 && in.share == 0 {
		return usageError("--extra %v: must be positive and at most 1h, and --inject must say what share it is", in.extra)
	}
	f.model = string(ancmbench.Direct)
	if err := errors.Join(checkSelftest(c, f, in), gateWritable(f)); err != nil {
		return err
	}
	if err := in.findOut(c, f); err != nil {
		return err
	}
	g := gate.Gate{Metrics: []gate.GatedMetric{{Name: in.metric, Margin: 0.05}}}
	run, err := in.measure(c, f, &g)
	if err != nil {
		return err
	}
	if g, err = calibrated(g, run.Host); err != nil {
		return err
	}
	verdict, err := g.Judge(run, nil)
	if err != nil {
		return err
	}
	return in.conclude(c, f, run, verdict)
}

// checkSelftest refuses what cannot be measured, and of which the gate could decide
// nothing.
func checkSelftest(c *cobra.Command, f *gateFlags, in injection) error {
	if err := checkMeasuring(c, f); err != nil {
		return err
	}
	p, err := loadProfile(f.profile)
	if err != nil {
		return err
	}
	if p, _, err = gateProfile(c, f, p, nil); err != nil {
		return err
	}
	g := gate.Gate{Form: gate.HeadAgainstBase, Metrics: []gate.GatedMetric{{Name: in.metric, Margin: 0.05}}}
	return undecidable(g, experiment.Config{Profile: p, Targets: []experiment.TargetSpec{working("base", baseWork), working("worse", baseWork)}}, nil)
}

// measure compares the base with a copy that works longer, in the gate's design;
// with a gate it ends when that is decided.
func (in injection) measure(c *cobra.Command, f *gateFlags, g *gate.Gate) (*ancmbench.Run, error) {
	f.model = string(ancmbench.Direct)
	judge := gate.Gate{}
	if g != nil {
		judge = *g
	}
	cfg, _, err := configByProfile(c, f, judge)
	if err != nil {
		return nil, err
	}
	if g == nil {
		cfg.Enough, cfg.Profile.Launches = nil, f.launches
	}
	cfg.Command = []string{"ancmbench", "selftest", fmt.Sprintf("--inject=%g%%", 100*in.share), "--metric=" + in.word}
	if in.share > 0 {
		cfg.Command = append(cfg.Command, "--extra="+in.extra.String())
	}
	cfg.Command = append(cfg.Command, fmt.Sprintf("--seed=%d", cfg.Seed))
	cfg.Targets = []experiment.TargetSpec{working("base", baseWork), working("worse", baseWork+in.extra)}
	return carryOut(c, cfg, f.quiet, nil)
}

// selftestReport is what --json prints: the verdict, and what it is compared with.
type selftestReport struct {
	*gate.Verdict
	Selftest selftestFacts `json:"selftest"`
}

type selftestFacts struct {
	Metric string            `json:"metric"`
	Meant  float64           `json:"meant_share"`
	Extra  ancmbench.Seconds `json:"extra_work_seconds"`
	// Effect is nil where nothing that counts was measured.
	Effect *gate.Effect `json:"effect,omitempty"`
	Fired  bool         `json:"fired"`
}

// conclude says what was injected, how large it truly was, what the gate saw, and
// whether it did as it should.
func (in injection) conclude(c *cobra.Command, f *gateFlags, run *ancmbench.Run, v *gate.Verdict) error {
	facts := selftestFacts{Metric: in.metric, Meant: in.share, Extra: ancmbench.Seconds(in.extra), Fired: v.Outcome == gate.Fail}
	launches, err := gate.Gate{Metrics: []gate.GatedMetric{{Name: in.metric, Margin: 0.05}}}.Recorded(run)
	if err == nil && len(launches) > 0 {
		facts.Effect, err = gate.EffectOf(launches, in.metric)
	}
	if err != nil && v.Outcome != gate.Invalid {
		return err
	}
	if f.asJSON {
		err = writeJSON(c.OutOrStdout(), selftestReport{v, facts})
	} else if err = errors.Join(showVerdict(c, f, formats[0], v, run), writeVerdict(f, formsOf(v))); err == nil && !f.quiet {
		in.tell(c.OutOrStdout(), facts, v)
	}
	switch {
	case err != nil:
		return err
	case v.Outcome == gate.Invalid:
		return coded(exitInvalid, "selftest: the measurement is invalid, so it shows nothing")
	case facts.Fired == (in.share > 0):
		return nil
	}
	return coded(exitRegression, "selftest: %s more work per request, and the gate says %s", words.Span(in.extra), v.Outcome)
}

// tell writes the outcome of a selftest for people.
func (in injection) tell(w io.Writer, facts selftestFacts, v *gate.Verdict) {
	switch {
	case in.share == 0:
		fmt.Fprintf(w, "injected  nothing: both sides work %s per request\n", words.Span(baseWork))
	case in.base > 0:
		fmt.Fprintf(w, "injected  %s of work per request on one side, on top of %s on both: meant as %+.3g %% of %s, which was %s in one fresh start before\n",
			words.Span(in.extra), words.Span(baseWork), 100*in.share, in.word, words.Amount(in.base, "seconds"))
	default:
		fmt.Fprintf(w, "injected  %s of work per request on one side, as --extra says, on top of %s on both: meant as %+.3g %% of %s\n",
			words.Span(in.extra), words.Span(baseWork), 100*in.share, in.word)
	}
	if e := facts.Effect; e != nil {
		fmt.Fprintf(w, "true size %s of %s in alternating slices, %d fresh starts\n", worse(e.Slices), in.word, e.Launches)
		if e.Duel != nil {
			fmt.Fprintf(w, "seen      %s request by request, which is what the gate reads\n", worse(*e.Duel))
		}
	}
	as := "as it should"
	if facts.Fired != (in.share > 0) {
		as = "and it should not"
	}
	if v.Outcome != gate.Invalid {
		fmt.Fprintf(w, "selftest  the gate says %s: %s\n", v.Outcome, as)
	}
}

// working returns the model direct, asked for a known amount of CPU per request.
func working(name string, work time.Duration) experiment.TargetSpec {
	path := fmt.Sprintf("/busy/%d", work.Microseconds())
	return experiment.TargetSpec{Name: name, Model: ancmbench.Direct, Target: ancmbench.Target{
		Workload: ancmbench.Workload{Name: "busy", Requests: []ancmbench.Request{{Method: "GET", Path: path}}}}}
}

// findOut measures the metric of the base in one fresh start, and sets the work
// that is the share of it, unless it was given.
func (in *injection) findOut(c *cobra.Command, f *gateFlags) error {
	if in.share == 0 || in.extra > 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "ancmbench-selftest-")
	if err != nil {
		return fmt.Errorf("selftest: %w", err)
	}
	defer os.RemoveAll(dir)
	before := *f
	before.model, before.out, before.launches = string(ancmbench.Direct), dir, 1
	cfg, _, err := configByProfile(c, &before, gate.Gate{})
	if err != nil {
		return err
	}
	cfg.Profile.Launches, cfg.Enough = 1, nil
	cfg.Targets = []experiment.TargetSpec{working("base", baseWork), working("again", baseWork)}
	run, err := experiment.Run(c.Context(), cfg)
	if c.Context().Err() != nil {
		return coded(exitInterrupted, "interrupted before the selftest itself began")
	}
	if err != nil {
		return err
	}
	metric, _ := ancmbench.MetricByName(in.metric)
	for i := range run.Results {
		res := &run.Results[i]
		if res.PhaseKind != metric.Kind || res.Dealing.Kind != ancmbench.Slices || res.Void != "" {
			continue
		}
		if v, ok := metric.Read(res); ok {
			in.base = v
			in.extra = max(time.Microsecond, time.Duration(v*in.share*float64(time.Second)).Round(time.Microsecond))
			return nil
		}
	}
	return coded(exitInvalid, "selftest: %s of the base could not be measured", metric.Title)
}
