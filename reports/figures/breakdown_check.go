package figures

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// PenaltyCheck compares a breakdown's penalty with the one of an independent run of
// both models. The parts add up by construction, so their sum shows nothing about
// the breakdown; that a run without the other rungs finds the same penalty does.
type PenaltyCheck struct {
	Outcome CheckOutcome   `json:"outcome"`
	Rate    float64        `json:"rate_per_second"`
	Rows    []CheckedValue `json:"rows"`
	// Differences are settings of the two runs that are not alike, but allow a
	// comparison; hosts for one.
	Differences []string  `json:"differences"`
	Labels      [2]string `json:"-"`
}

// CheckOutcome is what a PenaltyCheck found.
type CheckOutcome string

// The outcomes, from the best to the worst.
const (
	// Agrees: the intervals of every penalty overlap.
	Agrees CheckOutcome = "agrees"
	// AgreesInRatio: some difference does not, but every ratio does: the whole
	// machine was faster in one of the runs.
	AgreesInRatio CheckOutcome = "agrees in the ratio only"
	// CannotTell: an interval is missing, or holds zero and so overlaps with much.
	CannotTell CheckOutcome = "cannot tell"
	Disagrees  CheckOutcome = "disagrees"
)

// CheckedValue is one penalty in both runs.
type CheckedValue struct {
	Metric string `json:"metric"`
	Title  string `json:"title"`
	Unit   string `json:"unit"`
	// Breakdown and Both are the penalties of out-of-process against in-process.
	Breakdown PenaltyPair `json:"breakdown"`
	Both      PenaltyPair `json:"both"`
	// Difference and Ratio are whether the intervals overlap; nil where one has none.
	Difference *bool `json:"differences_overlap"`
	Ratio      *bool `json:"ratios_overlap"`
}

// PenaltyPair is a penalty as a difference in the metric's unit, and as a ratio.
type PenaltyPair struct {
	Difference *stats.Estimate `json:"difference"`
	Ratio      *stats.Estimate `json:"ratio"`
	Launches   int             `json:"launches"`
}

// checkedMetrics are the headline of latency and CPU: a tail's interval is so wide
// that it overlaps with anything.
var checkedMetrics = []string{"response_p50_seconds", "service_p50_seconds", ancmbench.CPUPerRequest}

// CheckBreakdown compares the penalty of a breakdown with that of another run. Runs
// that cannot be compared, by their rate, connections, engine, dealing, workload or
// fronts, are an error, and so is a run and itself.
func CheckBreakdown(breakdown, both *ancmbench.Run) (*PenaltyCheck, error) {
	if breakdown.Seed == both.Seed && breakdown.Started.Equal(both.Started) {
		return nil, errors.New("check: a run always agrees with itself; give an independent run of --model=both")
	}
	c := &PenaltyCheck{Outcome: Agrees, Rows: []CheckedValue{}, Differences: HostsDiffer(both.Host, breakdown.Host),
		Labels: [2]string{"breakdown", "independent run"}}
	a, err := Analyse(breakdown)
	if err != nil {
		return nil, err
	}
	if len(a.Breakdown.Parts()) == 0 {
		return nil, errors.New("check: the run to be checked is no breakdown: it needs every rung, as --profile=breakdown has")
	}
	here, there := Observe(breakdown), Observe(both)
	mine, others := here.first(ancmbench.Latency), there.first(ancmbench.Latency)
	names := rungs(both)
	if others == nil || names[ancmbench.InProcess] == "" || names[ancmbench.OutOfProcess] == "" {
		return nil, errors.New("check: the other run did not measure both models under load")
	}
	if unlike := unlikeRuns(breakdown, both, here.Series(*mine, rungs(breakdown)[ancmbench.OutOfProcess]), there.Series(*others, names[ancmbench.OutOfProcess])); unlike != nil {
		return nil, fmt.Errorf("check: the runs cannot be compared: %s", strings.Join(unlike, "; "))
	}
	for _, name := range checkedMetrics {
		m, _ := ancmbench.MetricByName(name)
		st := there.State(m, *others, names[ancmbench.InProcess], names[ancmbench.OutOfProcess])
		for _, p := range a.Breakdown.Penalty {
			if p.Metric == name && p.Phase == mine.Phase && p.Workload == mine.Workload && st.Launches > 0 {
				c.add(p, st)
			}
		}
	}
	if len(c.Rows) == 0 {
		return nil, errors.New("check: no penalty was measured in both runs")
	}
	c.Rate = a.Breakdown.Rate
	c.conclude()
	return c, nil
}

// unlikeRuns returns the differences that forbid comparing two penalties.
func unlikeRuns(breakdown, both *ancmbench.Run, mine, others []*ancmbench.Result) []string {
	var out []string
	if len(mine) > 0 && len(others) > 0 {
		out = SettingsDiffer(others, mine)
	}
	for _, name := range WorkloadsChanged(both, breakdown) {
		out = append(out, "workload "+words.Plain(name)+": other requests")
	}
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		if x, y := frontOf(both, model), frontOf(breakdown, model); x != y {
			out = append(out, Differs("front of "+string(model), x, y))
		}
	}
	if both.Subject != breakdown.Subject {
		out = append(out, Differs("subject", string(both.Subject), string(breakdown.Subject)))
	}
	return out
}

func frontOf(run *ancmbench.Run, model ancmbench.Model) string {
	for _, t := range run.Targets {
		if t.Model == model && t.TwinOf == "" {
			return t.Front
		}
	}
	return ""
}

func (c *PenaltyCheck) add(breakdown, both Statement) {
	row := CheckedValue{Metric: breakdown.Metric, Title: breakdown.Title, Unit: breakdown.Unit,
		Breakdown: PenaltyPair{breakdown.Difference, breakdown.Ratio, breakdown.Launches},
		Both:      PenaltyPair{both.Difference, both.Ratio, both.Launches}}
	row.Difference = overlap(breakdown.Difference, both.Difference)
	row.Ratio = overlap(breakdown.Ratio, both.Ratio)
	c.Rows = append(c.Rows, row)
}

// overlap reports whether two intervals have a value in common; nil if one has none.
func overlap(a, b *stats.Estimate) *bool {
	if a == nil || b == nil || a.Interval == nil || b.Interval == nil {
		return nil
	}
	yes := math.Max(a.Interval.Low, b.Interval.Low) <= math.Min(a.Interval.High, b.Interval.High)
	return &yes
}

func (c *PenaltyCheck) conclude() {
	differences, ratios, narrow := true, true, true
	for _, row := range c.Rows {
		if row.Difference == nil {
			c.Outcome = CannotTell
			return
		}
		differences = differences && *row.Difference
		ratios = ratios && row.Ratio != nil && *row.Ratio
		narrow = narrow && told(*row.Breakdown.Difference) && told(*row.Both.Difference)
	}
	switch {
	case differences && !narrow:
		c.Outcome = CannotTell
	case differences:
	case ratios:
		c.Outcome = AgreesInRatio
	default:
		c.Outcome = Disagrees
	}
}
