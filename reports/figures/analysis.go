package figures

import (
	"errors"
	"fmt"
	"slices"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/stats"
)

// Analysis is what a run says, in figures. It is a pure function of the run.
type Analysis struct {
	// Baseline is the first target; Targets are those compared with it, in the
	// order of the run, without twins.
	Baseline string   `json:"baseline"`
	Targets  []string `json:"targets"`
	// Latency is "response", or "service" where the generator was too late for
	// the former to be the headline.
	Latency string `json:"latency_headline"`
	// Launches is how many fresh starts have at least one result that counts.
	Launches int `json:"launches"`
	// ColdStarts is how many there are of the target that has fewest; none is 0.
	ColdStarts int `json:"cold_starts,omitempty"`

	// Statements has one element per scenario, metric and target.
	Statements []Statement `json:"statements"`
	// Noise compares each twin with the target whose copy it is: what is detected
	// there is the instrument's own (A/A).
	Noise []Statement `json:"noise,omitempty"`
	// Series has the values of every target, fresh start by fresh start.
	Series []Series `json:"series"`
	// Costs are CPU and memory by role.
	Costs []RoleCost `json:"costs_by_role"`
	// Recoveries say what the death of a process cost; none without such a phase.
	Recoveries []Recovered `json:"recoveries,omitempty"`
	// Warmups are those of the targets in .NET; none without such a target.
	Warmups  []Warmed        `json:"warmups,omitempty"`
	Trust    Trust           `json:"trust"`
	Warnings []advice.Advice `json:"warnings"`
	// Engines is the instrument's own error; nil without --cross-check.
	Engines *EngineError `json:"engine_error,omitempty"`
	// Breakdown is nil unless both models and a further rung were measured.
	Breakdown *Breakdown `json:"breakdown,omitempty"`
	// Curve has one element per target; empty unless the run has points of a curve.
	Curve []Curve `json:"curve,omitempty"`

	// Models are those of the targets that are bundled models, by name.
	Models map[string]ancmbench.Model `json:"-"`
	// Pooled is the headline latency of each target over all fresh starts, for pictures only.
	Pooled []Pooled `json:"-"`
	// Timeline is the headline's latency phase by second, and Courses the memory over time,
	// for pictures only; nil if the run has no such phase.
	Timeline *Timeline      `json:"-"`
	Courses  []MemoryCourse `json:"-"`
}

// Series is one metric of one target over the launches.
type Series struct {
	Metric   string         `json:"metric"`
	Unit     string         `json:"unit"`
	Phase    string         `json:"phase"`
	Workload string         `json:"workload"`
	Target   string         `json:"target"`
	Center   stats.Estimate `json:"geometric_mean"`
	Values   []LaunchValue  `json:"values"`
}

// LaunchValue is one fresh start's value of a metric.
type LaunchValue struct {
	Launch int     `json:"launch"`
	Value  float64 `json:"value"`
}

// Pooled is the latency of one target, pooled over fresh starts, for pictures only.
type Pooled struct {
	Phase, Workload, Target string
	Latency                 *ancmbench.Histogram
}

// Analyse turns a run into statements. It does not change the run, and accepts an unfinished
// one. It returns an error for a run without a target.
func Analyse(run *ancmbench.Run) (*Analysis, error) {
	if run == nil || len(run.Targets) == 0 {
		return nil, errors.New("analysis: the run names no target")
	}
	if run.Targets[0].TwinOf != "" {
		return nil, fmt.Errorf("analysis: the first target, %q, is a twin, and must be the baseline", run.Targets[0].Name)
	}
	o := Observe(run)
	a := &Analysis{Baseline: run.Targets[0].Name, Latency: LatencyHeadline(run), Launches: len(o.Launches), ColdStarts: coldStarts(run),
		Targets: []string{}, Statements: []Statement{}, Series: []Series{}}
	a.Models = map[string]ancmbench.Model{}
	for _, t := range run.Targets {
		if t.Model != "" {
			a.Models[t.Name] = t.Model
		}
	}
	for _, t := range run.Targets[1:] {
		if t.TwinOf == "" {
			a.Targets = append(a.Targets, t.Name)
		}
	}
	for _, s := range o.Scenarios {
		for _, m := range ancmbench.Metrics {
			if m.Kind == s.Kind {
				a.compare(run, o, m, s)
			}
		}
	}
	a.addConnections(o)
	a.Costs = o.costs(run)
	a.Recoveries = o.recoveries(run)
	a.Warmups = o.warmups(run)
	a.Trust = o.trust(run, a)
	a.Engines = o.engineError(run)
	a.Breakdown = o.breakdown(run, a.Latency)
	a.Pooled = o.pooled(run, a.Latency)
	a.Timeline = o.timeline(a.EveryTarget())
	a.Courses = o.memoryCourses(a.EveryTarget())
	a.Curve = curvesOf(run, o, a.Baseline, a.Targets)
	a.Warnings = advice.Advise(allWarnings(run, o, a))
	return a, nil
}

// compare adds the series and statements of one metric in one scenario.
func (a *Analysis) compare(run *ancmbench.Run, o *Observations, m ancmbench.Metric, s Scenario) {
	var twinLogs []float64
	for _, t := range run.Targets {
		a.addSeries(o, m, s, t.Name)
		if t.TwinOf == "" {
			continue
		}
		st := o.State(m, s, t.TwinOf, t.Name)
		if st.Launches == 0 {
			continue
		}
		a.Noise = append(a.Noise, st)
		if t.TwinOf == a.Baseline && twinLogs == nil {
			twinLogs = st.logs()
		}
	}
	for _, t := range a.Targets {
		st := o.State(m, s, a.Baseline, t)
		if st.Base == nil && st.Other == nil && st.Note == "" {
			continue
		}
		if len(twinLogs) > 1 {
			st.Smallest = &SmallestEffect{Share: stats.Tellable(twinLogs), From: "A/A"}
		}
		a.Statements = append(a.Statements, st)
	}
}

func (a *Analysis) addSeries(o *Observations, m ancmbench.Metric, s Scenario, target string) {
	xs, launches := o.Values(m, s, target)
	if len(xs) == 0 {
		return
	}
	series := Series{Metric: m.Name, Unit: m.Unit, Phase: s.Phase, Workload: s.Workload,
		Target: target, Center: *Center(xs)}
	for i, x := range xs {
		series.Values = append(series.Values, LaunchValue{launches[i], x})
	}
	a.Series = append(a.Series, series)
}

// logs returns the log ratios of the pairs; nil if one has none.
func (s Statement) logs() []float64 {
	if s.Ratio == nil {
		return nil
	}
	var out []float64
	for _, p := range s.Pairs {
		out = append(out, LogRatio(p))
	}
	return out
}

// Statement finds the first statement on a metric of a target: the headline's,
// which is that of the profile's first phase and workload of its kind.
func (a *Analysis) Statement(metric, target string) (Statement, bool) {
	for _, s := range a.Statements {
		if s.Metric == metric && s.Target == target {
			return s, true
		}
	}
	return Statement{}, false
}

// SeriesOf finds the first series on a metric of a target.
func (a *Analysis) SeriesOf(metric, target string) (Series, bool) {
	for _, s := range a.Series {
		if s.Metric == metric && s.Target == target {
			return s, true
		}
	}
	return Series{}, false
}

// EveryTarget returns the baseline and the targets compared with it.
func (a *Analysis) EveryTarget() []string {
	return append([]string{a.Baseline}, a.Targets...)
}

// HeadlineMetrics returns the names of the rows of the headline table.
func (a *Analysis) HeadlineMetrics() []string {
	var names []string
	for _, m := range ancmbench.HeadlineMetrics(a.Latency) {
		names = append(names, m.Name)
		if m.Name == ancmbench.MemoryLoaded && a.SharePages() {
			names = append(names, ancmbench.MemoryLoadedUSS) // PSS says too little of each
		}
	}
	return names
}

// SharePages reports whether targets run the same program file, so that PSS gives each of them
// only a part of its pages.
func (a *Analysis) SharePages() bool {
	return slices.ContainsFunc(a.Warnings, func(w advice.Advice) bool { return w.Code == ancmbench.WarnSharedPages })
}

// Median returns the name of the metric that is the headline of latency.
func (a *Analysis) Median() string { return ancmbench.LatencyName(a.Latency, 0.5) }

// Unmeasured returns the titles of headline metrics of which no target has a value
// and no statement says why.
func (a *Analysis) Unmeasured() []string {
	var out []string
	for _, name := range a.HeadlineMetrics() {
		_, seen := a.SeriesOf(name, a.Baseline)
		for _, t := range a.Targets {
			_, ok := a.Statement(name, t)
			seen = seen || ok
		}
		if m, known := ancmbench.MetricByName(name); known && !seen {
			out = append(out, m.Title)
		}
	}
	return out
}

// LatencyHeadline returns response time, or service time where the generator said that its
// lag would show in response time.
func LatencyHeadline(run *ancmbench.Run) string {
	said := func(w ancmbench.Warning) bool { return w.Code == ancmbench.WarnServiceHeadline }
	if slices.ContainsFunc(run.Warnings, said) {
		return ancmbench.Service
	}
	for i := range run.Results {
		if run.Results[i].Void == "" && run.Results[i].Engine == run.Results[0].Engine && slices.ContainsFunc(run.Results[i].Warnings, said) {
			return ancmbench.Service
		}
	}
	return ancmbench.Response
}

// pooled pools the headline latency of each target over all launches.
func (o *Observations) pooled(run *ancmbench.Run, latency string) []Pooled {
	var out []Pooled
	for _, s := range o.Scenarios {
		if s.Kind != ancmbench.Latency {
			continue
		}
		for _, t := range run.Targets {
			sum := new(ancmbench.Histogram)
			for _, r := range o.Series(s, t.Name) {
				if latency == ancmbench.Service {
					sum.Merge(r.Service)
				} else {
					sum.Merge(r.Response)
				}
			}
			if sum.Count() > 0 {
				out = append(out, Pooled{s.Phase, s.Workload, t.Name, sum})
			}
		}
	}
	return out
}
