package figures

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// NamedRun is a run with its name in a comparison.
type NamedRun struct {
	Label string
	Run   *ancmbench.Run
}

// Comparison compares two or more runs with the first one.
type Comparison struct {
	Labels []string `json:"labels"`
	// Penalty is the word for what the targets cost more: LoopbackPenalty where that is so
	// of every target of every run, else "penalty".
	Penalty string        `json:"penalty_word"`
	Rows    []ComparedRow `json:"rows"`
	// Differences say in what the runs differ, and so what their changes may come
	// from; each names its run.
	Differences []string `json:"differences"`
}

// ComparedRow is one metric of one target in every run.
type ComparedRow struct {
	Metric   string              `json:"metric"`
	Title    string              `json:"title"`
	Unit     string              `json:"unit"`
	Better   ancmbench.Direction `json:"better"`
	Phase    string              `json:"phase"`
	Workload string              `json:"workload"`
	Target   string              `json:"target"`
	// Absolute rows have values in Unit: the runs had one target alone. Others
	// have the penalty: the ratio of target to baseline, turned so that more than 1
	// is worse.
	Absolute bool `json:"absolute,omitempty"`
	// Values has one element per run; nil where a run has none.
	Values []*stats.Estimate `json:"values"`
	// Changes has one element per run but the first: its value over the first's,
	// by Welch's t on logs, for the fresh starts of two runs have no partners. Nil
	// where there is none, or the settings differ so that it would mean nothing.
	Changes []*stats.Estimate `json:"changes"`

	logs [][]float64
}

// rowKey is what a row is of.
type rowKey struct{ metric, phase, workload, target string }

// Compare compares two or more runs, each with a target; fewer are an error. Runs with
// different settings are shown side by side, but without a change.
func Compare(runs []NamedRun) (*Comparison, error) { return compareBy(runs, isFurther) }

// CompareEvery is Compare with every metric, those included that short outputs leave out.
func CompareEvery(runs []NamedRun) (*Comparison, error) {
	return compareBy(runs, func(string) bool { return false })
}

func compareBy(runs []NamedRun, leftOut func(metric string) bool) (*Comparison, error) {
	if len(runs) < 2 {
		return nil, errors.New("compare: at least two runs are needed")
	}
	c := &Comparison{Penalty: LoopbackPenalty, Rows: []ComparedRow{}, Differences: []string{}}
	at := map[rowKey]int{}
	seen := make([]*Observations, len(runs))
	for i, r := range runs {
		a, err := Analyse(r.Run)
		if err != nil {
			return nil, fmt.Errorf("compare: %s: %w", r.Label, err)
		}
		seen[i] = Observe(r.Run)
		c.Labels = append(c.Labels, r.Label)
		for _, t := range a.Targets {
			if PenaltyOf(r.Run, t) != LoopbackPenalty {
				c.Penalty = "penalty"
			}
		}
		for _, s := range a.Statements {
			if s.Ratio != nil && !leftOut(s.Metric) {
				row := c.row(at, rowKey{s.Metric, s.Phase, s.Workload, s.Target}, len(runs))
				row.Title, row.Unit, row.Better = s.Title, s.Unit, s.Better
				row.Values[i], row.logs[i] = s.Penalty(), s.logs()
				if s.Better == ancmbench.Higher {
					row.logs[i] = minusEach(row.logs[i])
				}
			}
		}
		if len(a.Targets) > 0 {
			continue
		}
		for _, s := range a.Series {
			m, _ := ancmbench.MetricByName(s.Metric)
			if leftOut(s.Metric) {
				continue
			}
			row := c.row(at, rowKey{s.Metric, s.Phase, s.Workload, s.Target}, len(runs))
			row.Title, row.Unit, row.Better, row.Absolute = m.Title, m.Unit, m.Better, true
			row.Values[i] = &s.Center
			for _, v := range s.Values {
				if v.Value > 0 {
					row.logs[i] = append(row.logs[i], math.Log(v.Value))
				}
			}
		}
	}
	for i := 1; i < len(runs); i++ {
		c.against(runs, seen, i)
	}
	return c, nil
}

// isFurther reports whether short outputs leave a metric out.
func isFurther(name string) bool {
	m, _ := ancmbench.MetricByName(name)
	return m.Further || strings.HasPrefix(name, "memory_per_1000_connections")
}

func minusEach(xs []float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = -x
	}
	return out
}

// row finds or makes the row of a key.
func (c *Comparison) row(at map[rowKey]int, k rowKey, runs int) *ComparedRow {
	i, ok := at[k]
	if !ok {
		i = len(c.Rows)
		at[k] = i
		c.Rows = append(c.Rows, ComparedRow{Metric: k.metric, Phase: k.phase, Workload: k.workload, Target: k.target,
			Values: make([]*stats.Estimate, runs), Changes: make([]*stats.Estimate, runs-1), logs: make([][]float64, runs)})
	}
	return &c.Rows[i]
}

// against fills in the changes from the first run to run i, and says in what the
// two differ.
func (c *Comparison) against(runs []NamedRun, seen []*Observations, i int) {
	first, run := runs[0].Run, runs[i].Run
	hosts := HostsDiffer(run.Host, first.Host)
	whole := TargetsDiffer(run, first)
	if run.Subject != first.Subject {
		whole = append(whole, Differs("subject", string(run.Subject), string(first.Subject)))
	}
	if run.Program != first.Program && run.Subject == first.Subject {
		whole = append(whole, Differs("program", run.Program, first.Program))
	}
	changed := WorkloadsChanged(run, first)
	for _, name := range changed {
		whole = append(whole, "workload "+words.Plain(name)+": other requests")
	}
	var settings []string
	for r := range c.Rows {
		row := &c.Rows[r]
		s := scenarioOf(seen[i], row)
		var unlike []string
		if a, b := seen[i].Series(s, row.Target), seen[0].Series(s, row.Target); len(a) > 0 && len(b) > 0 {
			unlike = SettingsDiffer(a, b)
		}
		for _, u := range unlike {
			if u = "phase " + words.Plain(row.Phase) + ": " + u; !slices.Contains(settings, u) {
				settings = append(settings, u)
			}
		}
		comparable := len(unlike) == 0 && run.Targets[0].Name == first.Targets[0].Name && !slices.Contains(changed, row.Workload) &&
			run.Subject == first.Subject && !(row.Absolute && len(hosts) > 0)
		if comparable && len(row.logs[i]) > 1 && len(row.logs[0]) > 1 {
			row.Changes[i-1] = stats.Welch(row.logs[i], row.logs[0])
		}
	}
	for _, d := range slices.Concat(whole, settings, hosts) {
		c.Differences = append(c.Differences, words.Plain(runs[i].Label)+": "+d)
	}
}

func scenarioOf(o *Observations, row *ComparedRow) Scenario {
	for _, s := range o.Scenarios {
		if s.Phase == row.Phase && s.Workload == row.Workload {
			return s
		}
	}
	return Scenario{}
}

// LabelOf returns the name of a run that nobody named: the time of its start.
func LabelOf(run *ancmbench.Run) string {
	return run.Started.UTC().Format("2006-01-02 15:04") + " " + words.Plain(run.Profile.Name)
}
