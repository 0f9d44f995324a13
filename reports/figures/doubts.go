package figures

import (
	"math"
	"slices"

	"ancmbench"
	"ancmbench/reports/words"
)

// allWarnings returns the warnings of the run, of the host and of every counted result, and
// those that follow from the whole file.
func allWarnings(run *ancmbench.Run, o *Observations, a *Analysis) []ancmbench.Warning {
	all := append(slices.Clone(run.Warnings), run.Host.Warnings...)
	o.each(run, func(r *ancmbench.Result) {
		for _, w := range r.Warnings {
			if r.PhaseKind != ancmbench.Sweep || !ancmbench.Warnings[w.Code].Saturation {
				all = append(all, w)
			}
		}
	})
	raise := func(w ancmbench.Warning) {
		if !slices.ContainsFunc(all, func(x ancmbench.Warning) bool { return x.Code == w.Code }) {
			all = append(all, w)
		}
	}
	if n := a.Trust.VoidTrials; n > 0 {
		var reasons []string
		for _, r := range a.Trust.VoidReasons {
			reasons = append(reasons, r.Words())
		}
		raise(ancmbench.Warning{Code: ancmbench.WarnVoidTrials, Value: float64(n), Detail: words.List(reasons)})
	}
	if run.State != ancmbench.Complete {
		raise(ancmbench.Warning{Code: ancmbench.WarnInterrupted, Value: float64(run.LaunchesDone), Bound: float64(run.Profile.Launches)})
	}
	if a.Launches > 0 && a.Launches < FewLaunches {
		raise(ancmbench.Warning{Code: ancmbench.WarnFewLaunches, Value: float64(a.Launches), Bound: FewLaunches})
	}
	for _, s := range a.Statements {
		if m, _ := ancmbench.MetricByName(s.Metric); s.Few && slices.Contains(a.HeadlineMetrics(), s.Metric) {
			raise(ancmbench.Warning{Code: ancmbench.WarnFewSamples, Phase: s.Phase, Detail: "(" + s.Title + ")",
				Value: float64(o.fewest(s)), Bound: float64(m.LeastSamples())})
		}
	}
	return all
}

// fewest returns the smallest number of samples that a fresh start has on either side of a
// latency statement.
func (o *Observations) fewest(s Statement) int64 {
	n := int64(math.MaxInt64)
	at := Scenario{s.Phase, ancmbench.Latency, s.Workload}
	for _, t := range []string{s.Baseline, s.Target} {
		for _, r := range o.Series(at, t) {
			n = min(n, r.Response.Count())
		}
	}
	return n
}

// FewLaunches is the number of fresh starts below which an interval is so wide that it
// seldom detects anything: for two, Student's t is 12.7.
const FewLaunches = 3
