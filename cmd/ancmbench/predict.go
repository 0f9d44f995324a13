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
	var asJSON bool
	c := &cobra.Command{
		Use:   "predict RESULTS",
		Short: "What out-of-process would cost an app of yours, from a run of the profile curve",
		Long: "Says in milliseconds, cores and MB what out-of-process costs more for an app that takes so long per request, " +
			"at so many requests per second. What the run did not measure is refused, never extrapolated.",
		Example: "  ancmbench predict --app-time=3ms --at-rate=800 results/20260102-150405-curve",
		Args:    cobra.ExactArgs(1),
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
			if asJSON {
				return writeJSON(w, found)
			}
			return render.PredictText(w, run, found, page.Options{Width: width(w), Color: colored(w)})
		},
	}
	fl := c.Flags()
	fl.DurationVar(&appTime, "app-time", 0, "how long the app itself takes for a request, as 3ms")
	fl.StringVar(&atRate, "at-rate", "", "requests per second, as 800")
	fl.StringVar(&target, "target", "", "whose cost is asked for (empty = the first beside the baseline)")
	fl.BoolVar(&asJSON, "json", false, "print JSON instead of text")
	return c
}
