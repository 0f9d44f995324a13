package figures

import (
	"math"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Trust is what shows a reader how far to trust the rest.
type Trust struct {
	// GeneratorCores is the generator's own CPU while loading at the fixed rate,
	// in cores: the mean over the results; nil if it could not be read.
	GeneratorCores *float64 `json:"generator_cores,omitempty"`
	// LagP50 and LagP99 are over all requests at the fixed rate.
	LagP50 *ancmbench.Seconds `json:"send_lag_p50_seconds,omitempty"`
	LagP99 *ancmbench.Seconds `json:"send_lag_p99_seconds,omitempty"`
	// Sent and Errors are over all results, the discarded ones included, and Failures
	// are how requests failed, the most frequent first.
	Sent     int64               `json:"requests_sent"`
	Errors   int64               `json:"requests_failed"`
	Failures []ancmbench.Failure `json:"failures,omitempty"`
	// Gone are the targets that no longer answered when they were last asked.
	Gone []string `json:"gone,omitempty"`

	LaunchesDone    int `json:"launches_done"`
	LaunchesPlanned int `json:"launches_planned"`
	// VoidTrials were measured and not counted; VoidReasons says why.
	VoidTrials  int           `json:"void_trials"`
	VoidReasons []ReasonCount `json:"void_reasons,omitempty"`

	// Spread is how far the baseline's median latency moved from one fresh start
	// to another: the standard deviation of its log; nil for fewer than two.
	Spread *float64 `json:"baseline_p50_spread,omitempty"`
	// Steal and OtherLoad are shares of all processor time, in [0,1].
	StealMean     *float64 `json:"steal_share_mean,omitempty"`
	StealMax      *float64 `json:"steal_share_max,omitempty"`
	OtherLoadMean *float64 `json:"other_load_share_mean,omitempty"`
	OtherLoadMax  *float64 `json:"other_load_share_max,omitempty"`

	Checks []CheckSummary `json:"checks,omitempty"`
}

// CheckSummary is one check over all results and the host.
type CheckSummary struct {
	Name string `json:"name"`
	// Worst is the value nearest to or furthest past its own Bound.
	Worst   float64 `json:"worst"`
	Bound   float64 `json:"bound"`
	AtLeast bool    `json:"at_least,omitempty"`
	// Failed of Looked times the bound was not kept.
	Failed int `json:"failed"`
	Looked int `json:"looked"`
	// Unsupported is why it could not be looked at, at least once.
	Unsupported string `json:"unsupported,omitempty"`
}

func (o *Observations) trust(run *ancmbench.Run, a *Analysis) Trust {
	t := Trust{LaunchesDone: run.LaunchesDone, LaunchesPlanned: run.Profile.Launches, VoidReasons: Discarded(run), Gone: gone(run)}
	for _, r := range t.VoidReasons {
		t.VoidTrials += r.Count
	}
	t.addGenerator(run, o)
	if s, ok := a.SeriesOf(a.Median(), a.Baseline); ok && len(s.Values) > 1 {
		var logs []float64
		for _, v := range s.Values {
			logs = append(logs, math.Log(v.Value))
		}
		if sd, ok := stats.Deviation(logs); ok {
			t.Spread = &sd
		}
	}
	t.StealMean, t.StealMax = stats.MeanMax(run.Host.Steal)
	t.OtherLoadMean, t.OtherLoadMax = stats.MeanMax(run.Host.OtherLoad)
	t.addChecks(run.Host.Checks)
	o.each(run, func(r *ancmbench.Result) { t.addChecks(r.Checks) })
	for i := range run.Results { // what was discarded was asked, too
		r := &run.Results[i]
		t.Sent += r.Outcomes.Sent
		if r.PhaseKind != ancmbench.Recovery { // losing requests is what that is about
			t.Errors += r.Outcomes.Errors()
			t.Failures = addFailures(t.Failures, failuresOf(r))
		}
	}
	return t
}

// FailedTrials returns how many trials were discarded because requests failed.
func (t Trust) FailedTrials() int {
	n := 0
	for _, r := range t.VoidReasons {
		if r.Reason == ancmbench.VoidErrors || r.Reason == ancmbench.VoidNothingDue {
			n += r.Count
		}
	}
	return n
}

// each calls yield for every pooled result, by scenario, fresh start and target.
func (o *Observations) each(run *ancmbench.Run, yield func(*ancmbench.Result)) {
	for _, s := range o.Scenarios {
		for _, l := range o.Launches {
			for _, t := range run.Targets {
				if r := o.Cell(l, s, t.Name); r != nil {
					yield(r)
				}
			}
		}
	}
}

func (t *Trust) addGenerator(run *ancmbench.Run, o *Observations) {
	var cores mean
	lag := new(ancmbench.Histogram)
	o.each(run, func(r *ancmbench.Result) {
		if r.PhaseKind != ancmbench.Latency {
			return
		}
		lag.Merge(r.Lag)
		if u := roleUsage(r, ancmbench.GeneratorRole); u != nil && u.CPU != nil && r.Busy > 0 {
			cores.add(u.CPU.Own.Float() / r.Busy.Float())
		}
	})
	t.GeneratorCores = cores.value()
	quantile := func(q float64) *ancmbench.Seconds {
		d, ok := lag.Printable(q)
		if !ok {
			return nil
		}
		s := ancmbench.Seconds(d)
		return &s
	}
	t.LagP50, t.LagP99 = quantile(0.5), quantile(0.99)
}

func (t *Trust) addChecks(checks []ancmbench.Check) {
	for _, c := range checks {
		i := 0
		for i < len(t.Checks) && t.Checks[i].Name != c.Name {
			i++
		}
		if i == len(t.Checks) {
			t.Checks = append(t.Checks, CheckSummary{Name: c.Name, AtLeast: c.AtLeast})
		}
		t.Checks[i].add(c)
	}
}

func (s *CheckSummary) add(c ancmbench.Check) {
	if c.Unsupported != "" {
		s.Unsupported = c.Unsupported
		return
	}
	first := s.Looked == 0
	s.Looked++
	if !c.OK() {
		s.Failed++
	}
	worse := c.Value-c.Bound > s.Worst-s.Bound
	if c.AtLeast {
		worse = c.Value-c.Bound < s.Worst-s.Bound
	}
	if first || worse {
		s.Worst, s.Bound = c.Value, c.Bound
	}
}
