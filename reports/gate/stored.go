package gate

import (
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// unlike returns the differences that forbid comparing a run with a stored one. The ratio of
// two servers depends on rate, connections, engine and dealing, and absolute values depend
// on the machine as well.
func (g Gate) unlike(run, stored *ancmbench.Run, o *figures.Observations, cells []*cell) []string {
	var out []string
	say := func(s string) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if run.Subject != stored.Subject {
		say(figures.Differs("subject", string(run.Subject), string(stored.Subject)))
	}
	old := figures.Observe(stored)
	for _, c := range cells {
		if c.Budget != nil {
			continue
		}
		targets := []string{c.Target}
		if g.Form == PenaltyAgainstStored {
			targets = append(targets, run.Targets[0].Name)
		}
		for _, t := range targets {
			now, then := o.Series(c.at, t), old.Series(c.at, t)
			switch {
			case len(now) == 0: // the cell says that it is missing
			case len(then) == 0:
				say(fmt.Sprintf("the stored run has nothing of %s in phase %s", words.Plain(t), words.Plain(c.at.Phase)))
			default:
				for _, s := range figures.SettingsDiffer(now, then) {
					say("phase " + words.Plain(c.at.Phase) + ": " + s)
				}
			}
		}
	}
	for _, s := range figures.TargetsDiffer(run, stored) {
		say(s)
	}
	for _, s := range workloadsDiffer(run, stored, cells) {
		say(s)
	}
	if g.Form == AgainstStored && !g.AllowEnvironment {
		for _, s := range figures.HostsDiffer(run.Host, stored.Host) {
			say("the host differs, " + s)
		}
	}
	return out
}

func workloadsDiffer(run, stored *ancmbench.Run, cells []*cell) []string {
	var out []string
	for _, name := range figures.WorkloadsChanged(run, stored) {
		if slices.ContainsFunc(cells, func(c *cell) bool { return c.Workload == name }) {
			out = append(out, "workload "+words.Plain(name)+": its requests are others than the stored ones")
		}
	}
	return out
}
