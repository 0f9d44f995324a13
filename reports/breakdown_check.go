package reports

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"ancmbench"
)

// PenaltyCheck holds a breakdown's penalty against that of an independent run of
// both models. The parts add up by construction, so their sum shows nothing about
// the breakdown; that a run without the other rungs finds the same penalty does.
type PenaltyCheck struct {
	Outcome CheckOutcome   `json:"outcome"`
	Rate    float64        `json:"rate_per_second"`
	Rows    []CheckedValue `json:"rows"`
	// Differences are settings of the two runs that are not alike, but allow a
	// comparison; hosts for one.
	Differences []string `json:"differences"`
	labels      [2]string
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
	Difference *Estimate `json:"difference"`
	Ratio      *Estimate `json:"ratio"`
	Launches   int       `json:"launches"`
}

// checkedMetrics are the headline of latency and CPU: a tail's interval is so wide
// that it overlaps with anything.
var checkedMetrics = []string{"response_p50_seconds", "service_p50_seconds", "cpu_seconds_per_request"}

// CheckBreakdown compares the penalty of a breakdown with that of another run. Runs
// that cannot be compared, by their rate, connections, engine, dealing, workload or
// fronts, are an error, and so is a run and itself.
func CheckBreakdown(breakdown, both *ancmbench.Run) (*PenaltyCheck, error) {
	if breakdown.Seed == both.Seed && breakdown.Started.Equal(both.Started) {
		return nil, errors.New("check: a run always agrees with itself; give an independent run of --model=both")
	}
	c := &PenaltyCheck{Outcome: Agrees, Rows: []CheckedValue{}, Differences: hostsDiffer(both.Host, breakdown.Host),
		labels: [2]string{"breakdown", "independent run"}}
	a, err := Analyse(breakdown)
	if err != nil {
		return nil, err
	}
	if len(a.Breakdown.metrics()) == 0 {
		return nil, errors.New("check: the run to be checked is no breakdown: it needs every rung, as --profile=breakdown has")
	}
	here, there := observe(breakdown), observe(both)
	mine, others := here.first(ancmbench.Latency), there.first(ancmbench.Latency)
	names := rungs(both)
	if others == nil || names[ancmbench.InProcess] == "" || names[ancmbench.OutOfProcess] == "" {
		return nil, errors.New("check: the other run did not measure both models under load")
	}
	if unlike := unlikeRuns(breakdown, both, here.series(*mine, rungs(breakdown)[ancmbench.OutOfProcess]), there.series(*others, names[ancmbench.OutOfProcess])); unlike != nil {
		return nil, fmt.Errorf("check: the runs cannot be compared: %s", strings.Join(unlike, "; "))
	}
	for _, name := range checkedMetrics {
		m, _ := ancmbench.MetricByName(name)
		st := there.state(m, *others, names[ancmbench.InProcess], names[ancmbench.OutOfProcess])
		for _, p := range a.Breakdown.Penalty {
			if p.Metric == name && p.Phase == mine.phase && p.Workload == mine.workload && st.Launches > 0 {
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

// unlikeRuns lists what makes two penalties different things.
func unlikeRuns(breakdown, both *ancmbench.Run, mine, others []*ancmbench.Result) []string {
	var out []string
	if len(mine) > 0 && len(others) > 0 {
		out = settingsDiffer(others, mine)
	}
	for _, name := range workloadsChanged(both, breakdown) {
		out = append(out, "workload "+plain(name)+": other requests")
	}
	for _, model := range []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess} {
		if x, y := frontOf(both, model), frontOf(breakdown, model); x != y {
			out = append(out, differs("front of "+string(model), x, y))
		}
	}
	if both.Subject != breakdown.Subject {
		out = append(out, differs("subject", string(both.Subject), string(breakdown.Subject)))
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

// overlap is whether two intervals have a value in common; nil if one has none.
func overlap(a, b *Estimate) *bool {
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

// Sentence is the outcome in words.
func (c *PenaltyCheck) Sentence() string {
	switch c.Outcome {
	case Agrees:
		return "The independent run agrees with the breakdown: the 95 % intervals of every penalty overlap."
	case AgreesInRatio:
		return "The independent run agrees in the ratio only: the whole machine was faster in one of the two, so that the penalty in seconds moved. Repeat both, one right after the other."
	case CannotTell:
		return "No decision: the interval of a penalty is missing or includes zero, and would overlap with almost anything. Give both runs more fresh starts, or a quieter host."
	default:
		return "The independent run disagrees with the breakdown: the intervals of a penalty do not overlap. Do not rely on the parts; look at the warnings of both runs, and repeat them."
	}
}

// CheckText writes a PenaltyCheck as one table and a sentence.
func CheckText(w io.Writer, c *PenaltyCheck, opts TextOptions) error {
	p := newPage(opts)
	p.para("", c.Sentence(), text.Bold)
	p.line("")
	t := newTable()
	t.AppendHeader(table.Row{"penalty at " + rate(c.Rate), c.labels[0], c.labels[1], "overlap"})
	for _, row := range c.Rows {
		of := func(e *Estimate, write func(Estimate) string) string {
			if e == nil {
				return absent
			}
			return write(*e)
		}
		difference := func(e Estimate) string { return withInterval(e, row.Unit) }
		fold := func(e Estimate) string { return ratio(Statement{Ratio: &e}) }
		t.AppendRow(table.Row{row.Title, of(row.Breakdown.Difference, difference), of(row.Both.Difference, difference), yesNo(row.Difference)})
		t.AppendRow(table.Row{"  as a ratio", of(row.Breakdown.Ratio, fold), of(row.Both.Ratio, fold), yesNo(row.Ratio)})
	}
	t.AppendRow(table.Row{"fresh starts", fmt.Sprint(c.Rows[0].Breakdown.Launches), fmt.Sprint(c.Rows[0].Both.Launches), ""})
	t.SetColumnConfigs(columns(1, 0))
	p.raw(render(t, p.width))
	for _, d := range c.Differences {
		p.para("note     ", "the runs differ: "+plain(d), text.Reset)
	}
	_, err := w.Write(p.buf.Bytes())
	return err
}

func yesNo(b *bool) string {
	switch {
	case b == nil:
		return absent
	case *b:
		return "yes"
	default:
		return "NO"
	}
}
