package reports

import (
	"errors"
	"fmt"
	"slices"

	"ancmbench"
)

// Gate says what is gated and how sure it must be. The zero value gates the head
// against the base as MEASURING.md has it.
type Gate struct {
	// Form is what is compared with what; empty is HeadAgainstBase.
	Form Form
	// Metrics are gated, or only looked at; nil is DefaultMetrics, but none for
	// BudgetsOnly. Of the defaults, CPU is left out, and that is said, where no
	// process could be read.
	Metrics []GatedMetric
	// Budgets are absolute bounds, on top of the metrics.
	Budgets []Budget
	Plan    Plan
	// Target is the one that is gated; empty is the only one compared with the
	// baseline, and for AgainstStored every target.
	Target string
	// Attenuation is how much of a true effect a duel shows, on the log scale, in
	// (0,1]: measured with an injected effect. It shrinks the margin of what is
	// read from a duel. Zero is 1.
	Attenuation float64
	// MaxErrorShare of the requests of one target in one launch: as many, and the
	// gate is invalid. Zero is 0.01.
	MaxErrorShare float64
	// Calibrated maps metrics to the SD of the log ratios of twins, one per launch,
	// as `ancmbench calibrate` found them on this host. It stands in for a twin.
	Calibrated map[string]float64
	// AllowInconclusive makes no decision exit 0, with a warning.
	AllowInconclusive bool
	// AllowEnvironment lets AgainstStored compare hosts that differ.
	AllowEnvironment bool
}

// Form is what a gate compares.
type Form string

// The forms, best first.
const (
	// HeadAgainstBase: the run's target against its baseline, measured together.
	HeadAgainstBase Form = "head-against-base"
	// PenaltyAgainstStored: the ratio of target to baseline against that ratio in
	// a stored run of the same rate, connections, engine and dealing.
	PenaltyAgainstStored Form = "penalty-against-stored"
	// AgainstStored: a value against that of a stored run of the same host.
	AgainstStored Form = "against-stored"
	// BudgetsOnly: nothing but Budgets.
	BudgetsOnly Form = "budgets"
)

// GatedMetric is one metric and how much worse it may be.
type GatedMetric struct {
	// Name is a key of ancmbench.Metrics.
	Name string
	// Margin is a share: 0.05 is 5 %. It must be positive.
	Margin float64
	// Advisory metrics are judged and shown, and decide nothing.
	Advisory bool
	// Phase is the phase it is read from; empty lets the gate choose: quantiles
	// from a duel if there is one, anything else and absolute values from slices.
	Phase string
}

// DefaultMetrics are p50, p90 and CPU per request at 5 %, and p99, which is noisy
// in every design, at 10 % and for advice only.
func DefaultMetrics() []GatedMetric {
	return []GatedMetric{
		{Name: "response_p50_seconds", Margin: 0.05},
		{Name: "response_p90_seconds", Margin: 0.05},
		{Name: "cpu_seconds_per_request", Margin: 0.05},
		{Name: "response_p99_seconds", Margin: 0.10, Advisory: true},
	}
}

// Outcome is what a gate, or one metric of it, ends with.
type Outcome string

// The outcomes (MEASURING.md, "The gate").
const (
	Pass         Outcome = "pass"         // worse by the margin is rejected
	Fail         Outcome = "fail"         // not worse is rejected
	Inconclusive Outcome = "inconclusive" // neither, and the bound is reached
	Unstable     Outcome = "unstable"     // the host's own A/A noise is larger than the margin
	Invalid      Outcome = "invalid"      // errors, generator late, wrong model
)

// The exit codes of a gate. A Go panic is 2, so 2 never means a regression.
const (
	ExitPass      = 0
	ExitInvalid   = 3
	ExitUndecided = 4
	ExitFail      = 99
)

// VerdictVersion grows when a field of Verdict changes its meaning.
const VerdictVersion = 1

// Verdict is what a gate says of a run. It is a pure function of the run.
type Verdict struct {
	Version  int               `json:"version"`
	Form     Form              `json:"form"`
	Outcome  Outcome           `json:"outcome"`
	ExitCode int               `json:"exit_code"`
	Subject  ancmbench.Subject `json:"subject"`
	Baseline string            `json:"baseline"`
	Target   string            `json:"target"`
	// Plan, and Spending, the function by which it spends Alpha and Beta.
	Plan     Plan   `json:"plan"`
	Spending string `json:"spending"`
	// Launches were looked at; Unused came after the decision.
	Launches int `json:"launches"`
	Unused   int `json:"launches_after_decision,omitempty"`
	// More reports whether a further launch could still decide.
	More    bool              `json:"more_could_decide"`
	Elapsed ancmbench.Seconds `json:"elapsed_seconds"`
	// Allowed tells that no decision was let pass.
	Allowed bool `json:"inconclusive_allowed,omitempty"`
	// Reasons say why the outcome is what it is, Notes what else to know, such as
	// a default metric that could not be gated.
	Reasons []string        `json:"reasons"`
	Notes   []string        `json:"notes,omitempty"`
	Metrics []MetricVerdict `json:"metrics"`
}

// MetricVerdict is what the gate says of one metric of one target under one
// workload.
type MetricVerdict struct {
	Metric   string              `json:"metric"`
	Title    string              `json:"title"`
	Unit     string              `json:"unit"`
	Better   ancmbench.Direction `json:"better"`
	Workload string              `json:"workload"`
	Phase    string              `json:"phase"`
	Target   string              `json:"target"`
	// Rate is per second, zero for a closed loop.
	Rate    float64               `json:"rate_per_second,omitempty"`
	Dealing ancmbench.DealingKind `json:"dealing,omitempty"`
	// Advisory ones decide nothing.
	Advisory bool    `json:"advisory,omitempty"`
	Outcome  Outcome `json:"outcome"`
	// Why is the outcome in words.
	Why string `json:"why"`
	// Margin is a share, zero for a budget. Attenuation is how much of a true
	// effect the design shows; 1 is all.
	Margin      float64 `json:"margin_share"`
	Attenuation float64 `json:"attenuation"`
	// Budget is the bound in Unit, for a budget.
	Budget *Budget `json:"budget,omitempty"`
	// Base and Other are what was compared, in Unit: the values, or for
	// PenaltyAgainstStored the ratios. Base is nil for a budget.
	Base  *Estimate `json:"baseline_value,omitempty"`
	Other *Estimate `json:"target_value,omitempty"`
	// Ratio is Other over Base, or over the budget; its interval is of 95 % for a
	// number of launches fixed beforehand (simulated with the looks: 93 to 95 %).
	Ratio    *Estimate `json:"ratio,omitempty"`
	Launches int       `json:"launches"`
	Looks    []Look    `json:"looks"`
	// HolmLevel is the divisor of Alpha in the last look.
	HolmLevel int `json:"holm_level,omitempty"`
	// Tells is the smallest true effect that this many launches (at least the
	// first look's) call worse with 80 % power, and Best that of the whole plan;
	// nil with fewer than two launches to take the noise from.
	Tells *Tells `json:"could_have_told,omitempty"`
	Best  *Tells `json:"plan_could_tell,omitempty"`
}

// Tells is an effect that can be told.
type Tells struct {
	// Share is relative and true, not attenuated: 0.05 is 5 %.
	Share    float64 `json:"share"`
	Launches int     `json:"launches"`
	// From is "A/A" (a twin in this run), "calibration", or "fresh starts": the
	// spread of the comparison itself.
	From string `json:"from"`
}

// Gated are the metrics that decide.
func (v *Verdict) Gated() []MetricVerdict {
	return slices.DeleteFunc(slices.Clone(v.Metrics), func(m MetricVerdict) bool { return m.Advisory })
}

// Judge takes the looks of the plan at a run, launch by launch, and stops at the
// first that decides, so that a run that went on has the same verdict, unless what
// came after makes it invalid.
// stored is needed for the forms against a stored run and nil otherwise. Doubt
// about the data is in the Verdict; an error means that the gate itself cannot be:
// an unknown metric or target, a plan that is none.
//
// While a run goes on, a further launch is needed as long as More says so.
func (g Gate) Judge(run, stored *ancmbench.Run) (*Verdict, error) {
	if g.Form == "" {
		g.Form = HeadAgainstBase
	}
	if err := g.check(run, stored); err != nil {
		return nil, err
	}
	v := &Verdict{Version: VerdictVersion, Form: g.Form, Subject: run.Subject, Baseline: run.Targets[0].Name,
		Plan: g.Plan.Filled(), Spending: Spending, Elapsed: run.Elapsed, Reasons: []string{}, Metrics: []MetricVerdict{}}
	o := observe(run)
	cells, err := g.cells(v, run, stored, o)
	if err != nil {
		return nil, err
	}
	f := &following{plan: g.Plan, cells: cells, tables: map[int]*lookTable{}}
	if err := f.follow(); err != nil {
		return nil, err
	}
	faults := g.faults(run, stored, o, cells)
	f.conclude(v, run)
	v.Unused = max(0, len(o.launches)-v.Launches)
	v.conclude(faults)
	if v.ExitCode = v.exitCode(); v.ExitCode == ExitUndecided && g.AllowInconclusive {
		v.Allowed, v.ExitCode = true, ExitPass
	}
	return v, nil
}

// check reports all that keeps the gate from being one.
func (g Gate) check(run, stored *ancmbench.Run) error {
	var faults []error
	add := func(format string, args ...any) { faults = append(faults, fmt.Errorf("gate: "+format, args...)) }
	if run == nil || len(run.Targets) == 0 {
		add("the run names no target")
	}
	switch g.Form {
	case PenaltyAgainstStored, AgainstStored:
		if stored == nil || len(stored.Targets) == 0 {
			add("%s needs a stored run", g.Form)
		}
	case HeadAgainstBase, BudgetsOnly:
	default:
		add("unknown form %q", g.Form)
	}
	if !(g.Attenuation >= 0 && g.Attenuation <= 1) {
		add("attenuation %v: must be above 0 and at most 1", g.Attenuation)
	}
	if !(g.MaxErrorShare >= 0 && g.MaxErrorShare <= 1) {
		add("error share %v: must be from 0 to 1", g.MaxErrorShare)
	}
	for _, m := range g.Metrics {
		if _, ok := gateMetric(m.Name); !ok {
			add("unknown metric %q", m.Name)
		}
		if !(m.Margin > 0) {
			add("%s: margin %v: must be above 0", m.Name, m.Margin)
		}
	}
	if g.Form == BudgetsOnly && len(g.Budgets) == 0 {
		add("no budget is given")
	}
	if err := g.Plan.Check(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// conclude makes the outcome of the metrics' and the faults.
func (v *Verdict) conclude(faults []string) {
	gated := v.Gated()
	switch {
	case len(faults) > 0:
		v.Outcome, v.Reasons = Invalid, faults
		v.More = false
		return
	case len(gated) == 0:
		v.Outcome, v.Reasons = Invalid, []string{"nothing is gated"}
		return
	}
	v.Outcome = overall(gated)
	for _, m := range gated {
		if m.Outcome == v.Outcome || v.Outcome == Inconclusive && m.Outcome == Unstable {
			v.Reasons = append(v.Reasons, m.name(v)+": "+m.Why)
		}
	}
}

// overall is the outcome over several metrics: any fail is fail, else any without
// decision is without, else pass.
func overall(gated []MetricVerdict) Outcome {
	for _, o := range []Outcome{Fail, Inconclusive, Unstable} {
		if slices.ContainsFunc(gated, func(m MetricVerdict) bool { return m.Outcome == o }) {
			return o
		}
	}
	return Pass
}

func (v *Verdict) exitCode() int {
	switch v.Outcome {
	case Pass:
		return ExitPass
	case Fail:
		return ExitFail
	case Invalid:
		return ExitInvalid
	}
	return ExitUndecided
}
