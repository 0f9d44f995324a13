package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/reports"
)

// injectable maps what --metric takes to the metric that is made worse.
var injectable = map[string]string{
	"p50": "response_p50_seconds",
	"p90": "response_p90_seconds",
	"cpu": "cpu_seconds_per_request",
}

func newSelftestCommand() *cobra.Command {
	f := &gateFlags{}
	var inject, metric string
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Make one side worse by a known amount, and see the gate fire",
		Long: `Gates rot in silence. This one measures the model direct with a known amount of work
per request against a copy that works longer, by the given share of the metric, and
wants the gate to say so. Exit code 0: it fired; 99: it did not.`,
		Example: "  ancmbench selftest --inject 5% --metric p50",
		RunE:    func(c *cobra.Command, _ []string) error { return selftest(c, f, inject, metric) },
	}
	c.Flags().StringVar(&inject, "inject", "5%", "how much worse one side is made; 0% wants the gate to keep silent")
	c.Flags().StringVar(&metric, "metric", "p50", "p50, p90 or cpu")
	c.Flags().StringVar(&f.rate, "rate", "", "open-loop requests per second (empty = the profile's)")
	c.Flags().IntVar(&f.launches, "launches", 0, "the most fresh starts (0 = the profile's)")
	c.Flags().StringVar(&f.profile, "profile", "gate", "name of an embedded profile, or a file")
	c.Flags().StringVar(&f.out, "out", "", "folder of this run (empty = results/<time>-<profile>)")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "seed of all that is drawn (0 = a new one)")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "no progress and no text")
	c.Flags().BoolVar(&f.asJSON, "json", false, "print the verdict as one JSON object")
	return c
}

// baseWork is the CPU that each request of a selftest costs by itself: long
// beside the clock's noise, short beside a service time.
const baseWork = 200 * time.Microsecond

func selftest(c *cobra.Command, f *gateFlags, inject, metric string) error {
	name, known := injectable[metric]
	if !known {
		return usageError("--metric %s: p50, p90 or cpu", metric)
	}
	share := 0.0
	if inject != "0%" && inject != "0" {
		var err error
		if share, err = parseShare(inject); err != nil {
			return usageError("--inject %s: %w", inject, err)
		}
	}
	f.model = string(ancmbench.Direct)
	extra, err := calibrateInjection(c, f, name, share)
	if err != nil {
		return err
	}
	g := reports.Gate{Metrics: []reports.GatedMetric{{Name: name, Margin: 0.05}}}
	cfg, _, err := gateConfig(c, f, g, nil)
	if err != nil {
		return err
	}
	cfg.Arms = []experiment.ArmSpec{working("base", baseWork), working("worse", baseWork+extra)}
	run, err := carryOut(c, cfg, f.quiet)
	if err != nil {
		return err
	}
	verdict, err := g.Judge(run, nil)
	if err != nil {
		return err
	}
	return concludeSelftest(c, f, verdict, share, extra)
}

func concludeSelftest(c *cobra.Command, f *gateFlags, v *reports.Verdict, share float64, extra time.Duration) error {
	if err := showVerdict(c, f, v); err != nil {
		return err
	}
	fired := v.Outcome == reports.Fail
	switch {
	case v.Outcome == reports.Invalid:
		return coded(exitInvalid, "selftest: the measurement is invalid: nothing is shown")
	case fired == (share > 0):
		if !f.quiet && !f.asJSON {
			fmt.Fprintf(c.OutOrStdout(), "selftest: %v more work per request, and the gate says %s: as it should\n", extra, v.Outcome)
		}
		return nil
	default:
		return coded(exitRegression, "selftest: %v more work per request, and the gate says %s", extra, v.Outcome)
	}
}

// working is the model direct, asked for a known amount of CPU per request.
func working(name string, work time.Duration) experiment.ArmSpec {
	path := fmt.Sprintf("/busy/%d", work.Microseconds())
	return experiment.ArmSpec{Name: name, Model: ancmbench.Direct, Target: ancmbench.Target{
		Workload: ancmbench.Workload{Name: "busy", Requests: []ancmbench.Request{{Method: "GET", Path: path}}}}}
}

// calibrateInjection measures the metric of the base in one fresh start, and
// gives the work that is the share of it.
func calibrateInjection(c *cobra.Command, f *gateFlags, name string, share float64) (time.Duration, error) {
	if share == 0 {
		return 0, nil
	}
	before := *f
	before.launches, before.out = 1, ""
	cfg, _, err := gateConfig(c, &before, reports.Gate{}, nil)
	if err != nil {
		return 0, err
	}
	cfg.Profile.Launches = 1
	cfg.Arms = []experiment.ArmSpec{working("base", baseWork), working("again", baseWork)}
	run, err := experiment.Run(c.Context(), cfg)
	if err != nil {
		return 0, err
	}
	metric, _ := ancmbench.MetricByName(name)
	for i := range run.Results {
		res := &run.Results[i]
		if res.PhaseKind != metric.Kind || res.Dealing.Kind != ancmbench.Slices || res.Void != "" {
			continue
		}
		if v, ok := metric.Read(res); ok {
			return time.Duration(v * share * float64(time.Second)).Round(time.Microsecond), nil
		}
	}
	return 0, coded(exitInvalid, "selftest: %s of the base could not be measured", metric.Title)
}
