package gate

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Resampling asks how often a gate is wrong: it draws pseudo-runs from recorded
// fresh starts of two copies of one thing (A/A) and takes each through the gate.
// What it cannot show is what the fresh starts do not hold: a bias that all share, or
// a host state that none met.
type Resampling struct {
	// Gate has the metrics and the plan; nothing else of it is used but
	// Attenuation, for what was recorded from a duel.
	Gate     Gate
	Launches []RecordedLaunch
	// Runs is the number of pseudo-runs; zero is 10,000.
	Runs int
	Seed uint64
	// Effect is injected into the target's side of Metric, or of every metric if
	// that is empty: 0.05 makes it truly 5 % worse. Zero asks for false failures.
	Effect float64
	Metric string
	// Swap exchanges the sides of each drawn fresh start by the toss of a coin, in all its
	// metrics together. Copies of one thing are alike from either side, so that this
	// takes the luck of the recording's mean out of the question how often an effect
	// is found; it would hide a bias, and so has no place where false failures are
	// counted.
	Swap bool
	// Block is how many fresh starts that followed each other are drawn together, so
	// that what neighbours share stays shared; zero is 1.
	Block int
}

// ErrorRates is the result of a Resampling.
type ErrorRates struct {
	// Recorded is the number of fresh starts drawn from, Runs that of pseudo-runs.
	Recorded int        `json:"recorded_launches"`
	Runs     int        `json:"pseudo_runs"`
	Seed     uint64     `json:"seed"`
	Plan     stats.Plan `json:"plan"`
	Effect   float64    `json:"injected_share"`
	Metric   string     `json:"injected_metric,omitempty"`
	Block    int        `json:"block"`
	Swapped  bool       `json:"sides_swapped,omitempty"`
	// The gate's outcomes, over all gated metrics.
	Pass         Rate `json:"pass"`
	Fail         Rate `json:"fail"`
	Inconclusive Rate `json:"inconclusive"`
	// Median and Longest number of fresh starts until the gate ended.
	Median  int `json:"median_launches"`
	Longest int `json:"longest_launches"`
	// Metrics are the gated ones, each by itself within the gate.
	Metrics []MetricRates `json:"metrics"`
}

// MetricRates are the outcomes of one metric.
type MetricRates struct {
	Metric string `json:"metric"`
	Pass   Rate   `json:"pass"`
	Fail   Rate   `json:"fail"`
	// SD is that of the recorded log ratios. Bias is their mean, as a ratio: its
	// interval should hold 1, for the fresh starts are A/A.
	SD   float64        `json:"recorded_sd_log"`
	Bias stats.Estimate `json:"recorded_ratio"`
}

// Rate is a share with its exact 95 % interval, the interval of the drawing: it
// does not cover the luck of the recorded launches.
type Rate struct {
	Count int     `json:"count"`
	Of    int     `json:"of"`
	Share float64 `json:"share"`
	Low   float64 `json:"low_95"`
	High  float64 `json:"high_95"`
}

// RateOf returns the rate k of n, with Binomial's interval.
func RateOf(k, n int) Rate {
	low, high := stats.Binomial(k, n)
	return Rate{Count: k, Of: n, Share: float64(k) / float64(max(1, n)), Low: low, High: high}
}

// fewestRecorded fresh starts, below which a plan's own length would be drawn from
// less than itself.
const fewestRecorded = 20

// Rates draws the pseudo-runs. The same Resampling gives the same rates.
func (r Resampling) Rates() (*ErrorRates, error) {
	r.Runs, r.Block = orDefault(r.Runs, 10_000), orDefault(r.Block, 1)
	cells, recorded, err := r.cells()
	if err != nil {
		return nil, err
	}
	out := &ErrorRates{Recorded: len(r.Launches), Runs: r.Runs, Seed: r.Seed, Plan: r.Gate.Plan.Filled(),
		Effect: r.Effect, Metric: r.Metric, Block: r.Block, Swapped: r.Swap}
	rng := rand.New(rand.NewPCG(r.Seed, 0x6a7e))
	count, lengths := map[Outcome]int{}, make([]int, r.Runs)
	failed, passed := make([]int, len(cells)), make([]int, len(cells))
	f := &following{plan: r.Gate.Plan, tables: map[int]*stats.LookTable{}}
	for run := range r.Runs {
		r.draw(rng, cells, recorded, out.Plan.Most)
		f.cells, f.launches, f.stopped = cells, 0, false
		if err := f.follow(); err != nil {
			return nil, err
		}
		count[overall(verdictsOf(cells, failed, passed))]++
		lengths[run] = f.launches
	}
	slices.Sort(lengths)
	out.Median, out.Longest = lengths[len(lengths)/2], lengths[len(lengths)-1]
	out.Pass, out.Fail = RateOf(count[Pass], r.Runs), RateOf(count[Fail], r.Runs)
	out.Inconclusive = RateOf(count[Inconclusive], r.Runs)
	for i, c := range cells {
		out.Metrics = append(out.Metrics, metricRates(c, recorded[i], failed[i], passed[i], r.Runs))
	}
	return out, nil
}

// verdictsOf reads the decisions, and counts them metric by metric.
func verdictsOf(cells []*cell, failed, passed []int) []MetricVerdict {
	verdicts := make([]MetricVerdict, len(cells))
	for i, c := range cells {
		switch c.decided {
		case stats.Worse:
			failed[i]++
			verdicts[i].Outcome = Fail
		case stats.NotWorse:
			passed[i]++
			verdicts[i].Outcome = Pass
		default:
			verdicts[i].Outcome = Inconclusive
		}
	}
	return verdicts
}

func metricRates(c *cell, recorded []float64, failed, passed, runs int) MetricRates {
	logs := stats.WithoutNaN(recorded)
	_, v := stats.MeanVariance(logs)
	return MetricRates{Metric: c.Metric, Pass: RateOf(passed, runs), Fail: RateOf(failed, runs), SD: math.Sqrt(v), Bias: stats.RatioOf(stats.Student(logs))}
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// cells returns the gated metrics, and what was recorded of each with the effect in it.
func (r Resampling) cells() (cells []*cell, recorded [][]float64, err error) {
	faults := []error{r.Gate.Plan.Check()}
	if len(r.Launches) < fewestRecorded {
		faults = append(faults, fmt.Errorf("error rates: %d recorded fresh starts: must be at least %d", len(r.Launches), fewestRecorded))
	}
	if r.Runs < 1 || r.Block < 1 || r.Block > len(r.Launches) || !(r.Effect > -1) {
		faults = append(faults, fmt.Errorf("error rates: %d runs in blocks of %d with an effect of %v", r.Runs, r.Block, r.Effect))
	}
	attenuation := r.Gate.Attenuation
	if attenuation == 0 {
		attenuation = 1
	}
	found := r.Metric == ""
	for _, g := range r.Gate.metrics() {
		if g.Advisory {
			continue
		}
		m, _ := ancmbench.MetricByName(g.Name)
		logs, ok := LogsOf(r.Launches, m)
		if !ok {
			faults = append(faults, fmt.Errorf("error rates: no recorded fresh start has %s", g.Name))
			continue
		}
		seen := 1.0
		if attenuated(m.Unit) {
			seen = attenuation
		}
		c := &cell{}
		if r.Metric == "" || r.Metric == g.Name {
			found, c.shift = true, seen*math.Log1p(r.Effect)
			for i := range logs {
				logs[i] += c.shift
			}
		}
		c.Metric, c.LogMargin = g.Name, seen*math.Log1p(g.Margin)
		cells, recorded = append(cells, c), append(recorded, logs)
	}
	if !found {
		faults = append(faults, fmt.Errorf("error rates: %q is not gated", r.Metric))
	}
	return cells, recorded, errors.Join(faults...)
}

// draw fills the cells with as many fresh starts as a run has at most; a fresh start is
// drawn whole, so that its metrics keep what they share.
func (r Resampling) draw(rng *rand.Rand, cells []*cell, recorded [][]float64, most int) {
	rewind(cells)
	row := 0
	for launch := range most {
		if launch%r.Block == 0 {
			row = rng.IntN(len(r.Launches))
		} else {
			row = (row + 1) % len(r.Launches)
		}
		swap := r.Swap && rng.IntN(2) == 1
		for i, c := range cells {
			x := recorded[i][row]
			if swap {
				x = 2*c.shift - x
			}
			c.keep(launch, x)
		}
	}
}

// rewind empties the cells for the next run.
func rewind(cells []*cell) {
	for _, c := range cells {
		c.Logs, c.launches = c.Logs[:0], c.launches[:0]
		c.Looks, c.decided, c.seen = c.Looks[:0], "", 0
	}
}

// keep adds a fresh start's log ratio, if it has one.
func (c *cell) keep(launch int, log float64) {
	if !math.IsNaN(log) {
		c.Logs, c.launches = append(c.Logs, log), append(c.launches, launch)
	}
}

// String is "0.24 % [0.15, 0.36]", with two decimals, for bounds of 1 %.
func (r Rate) String() string {
	return fmt.Sprintf("%.2f %% [%.2f, %.2f]", 100*r.Share, 100*r.Low, 100*r.High)
}
