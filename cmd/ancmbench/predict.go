package main

import (
	"time"

	"github.com/spf13/cobra"

	"ancmbench/reports/figures"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

func newPredictCommand() *cobra.Command {
	var appTime time.Duration
	var atRate, target string
	var v verbosity
	c := &cobra.Command{
		Use:   "predict RUN",
		Short: "Predict what out-of-process would cost your app, from a run of the profile curve",
		Long: `Predicts the extra milliseconds, cores and MB of out-of-process for an app with this
time per request, at this request rate. RUN is the folder of a run or its results file.
predict never extrapolates: it refuses what the run did not measure.`,
		Example:           "  ancmbench predict --app-time=3ms --at-rate=800 results/20260102-150405-curve",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeRuns,
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("app-time") || !c.Flags().Changed("at-rate") {
				return usageError("predict needs --app-time, as 3ms, and --at-rate, as 800")
			}
			if !between(appTime, mostTimeout) {
				return usageError("--app-time=%v: must be 0 to %v", appTime, mostTimeout)
			}
			rate, err := parseRate(atRate)
			if err != nil {
				return usageError("--at-rate %s: %w", atRate, err)
			}
			run, err := readRun(args[0])
			if err != nil {
				return err
			}
			found, err := figures.Predict(run, figures.Question{AppTime: appTime.Seconds(), Rate: rate, Target: target})
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			if v.asJSON {
				return writeJSON(w, found)
			}
			return render.PredictText(w, run, found, page.Options{Width: width(w), Color: colored(w), Brief: v.quiet, Verbose: v.verbose})
		},
	}
	fl := c.Flags()
	fl.DurationVar(&appTime, "app-time", 0, "time that the app itself takes per request, as 3ms")
	fl.StringVar(&atRate, "at-rate", "", "requests per second, as 800")
	fl.StringVar(&target, "target", "", "the target to predict for (empty = the first after the baseline)")
	addVerbosity(c, &v, verbosityHelp{"print the figures alone, without notes", "print the conditions of the run as well: profile, trust and machine", "print JSON instead of text"})
	return c
}
