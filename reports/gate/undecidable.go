package gate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Undecidable returns why the gate could not decide a planned run, and nil if it can. It
// looks at the targets, the profile and the plan of the run. stored is the run to compare
// with, or nil.
func (g Gate) Undecidable(planned, stored *ancmbench.Run) []string {
	if g.Form == "" {
		g.Form = HeadAgainstBase
	}
	var out []string
	say := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	plan := g.Plan.Filled()
	if n := mostOf(plan, planned); n < plan.First {
		say("%s: the gate's first look is at %d", words.Count(n, "fresh start", "fresh starts"), plan.First)
	}
	for _, run := range []*ancmbench.Run{planned, stored} {
		if run == nil {
			continue
		}
		if _, err := g.targets(run); err != nil {
			say("%s", strings.TrimPrefix(err.Error(), "gate: "))
		}
	}
	for _, m := range g.metrics() {
		metric, known := ancmbench.MetricByName(m.Name)
		if known && !m.Advisory && !measures(planned, metric) {
			say("%s needs a %s phase, and profile %s has none that the targets carry out", metric.Title, metric.Kind, words.Plain(planned.Profile.Name))
		}
	}
	for _, b := range g.Budgets {
		if _, err := b.on(planned); err != nil {
			say("%s", strings.TrimPrefix(err.Error(), "gate: "))
		}
		if metric, known := ancmbench.MetricByName(b.Metric); known && !measures(planned, metric) {
			say("budget %q needs a %s phase, and profile %s has none that the targets carry out", b.Text, metric.Kind, words.Plain(planned.Profile.Name))
		}
	}
	if stored != nil {
		for _, m := range g.metrics() {
			if why := g.hopeless(m); why != "" {
				say("%s", why)
				break // the spread of all others is assumed as well
			}
		}
	}
	return out
}

// measures reports whether a trial of a planned run gives values of a metric.
func measures(planned *ancmbench.Run, m ancmbench.Metric) bool {
	return slices.ContainsFunc(planned.Plan, func(t ancmbench.Trial) bool { return t.Phase.Kind == m.Kind })
}

// hopeless says that runs are assumed to differ so much that even a run like the stored one
// could not pass, with any number of fresh starts. It returns "" if one could, or if the
// spread is known.
func (g Gate) hopeless(m GatedMetric) string {
	b, plan := g.between(m.Name), g.Plan.Filled()
	if m.Advisory || b.From != assumed {
		return ""
	}
	least := math.Sqrt2 * b.SD * stats.Quantile(1-plan.Beta, 1e6)
	if math.Log1p(m.Margin) > least {
		return ""
	}
	return fmt.Sprintf("how much runs of this differ from hour to hour is not known; %s (SD) is assumed, and with that not even a run like the stored one could pass at a margin of %s: "+
		"give three stored runs, --history, --between-runs, or a margin above %s",
		words.Percent(b.SD), words.Percent(m.Margin), words.Percent(math.Expm1(least)))
}
