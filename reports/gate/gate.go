package gate

import (
	"errors"
	"fmt"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
)

// Gate says what is gated, and with which certainty. The zero value gates the head against
// the base with the default metrics and plan.
type Gate struct {
	// Form is what is compared with what; empty is HeadAgainstBase.
	Form Form
	// Metrics are gated, or only looked at; nil is DefaultMetrics, but none for
	// BudgetsOnly. Of the defaults, CPU is left out, and that is said, where no
	// process could be read.
	Metrics []GatedMetric
	// Budgets are absolute bounds, on top of the metrics.
	Budgets []Budget
	Plan    stats.Plan
	// Target is the one that is gated; empty is the only one compared with the
	// baseline, and for AgainstStored every target.
	Target string
	// Attenuation is how much of a true effect a duel shows, on the log scale, in
	// (0,1]: measured with an injected effect. It shrinks the margin of what is
	// read from a duel. Zero is 1.
	Attenuation float64
	// AttenuationFrom says who measured Attenuation, where and when, for the verdict.
	AttenuationFrom string
	// MaxErrorShare of the requests of one target in one fresh start: as many, and the
	// gate is invalid. Zero is 0.01.
	MaxErrorShare float64
	// Calibrated maps metrics to the SD of the log ratios of twins, one per fresh start,
	// as `ancmbench calibrate` found them on this host. It stands in for a twin.
	Calibrated map[string]float64
	// BetweenRuns says, for the forms against a stored run, how far runs of one thing
	// differ in each metric. What is not in it is assumed, and the verdict says so.
	BetweenRuns map[string]stats.BetweenRuns
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
	// Phase is the phase it is read from; empty lets the gate choose: a duel, if
	// there is one, for what is compared, and slices for absolute values.
	Phase string
}

// DefaultMetrics returns the metrics that have a margin of their own: first those that
// decide, then those that are shown for advice only, as p99, which is noisy in every
// design.
func DefaultMetrics() []GatedMetric {
	var deciding, advisory []GatedMetric
	for _, m := range ancmbench.Metrics {
		g := GatedMetric{Name: m.Name, Margin: m.Margin, Advisory: m.Advisory}
		switch {
		case m.Margin == 0:
		case m.Advisory:
			advisory = append(advisory, g)
		default:
			deciding = append(deciding, g)
		}
	}
	return append(deciding, advisory...)
}

// Judge takes the looks of the plan at a run, fresh start by fresh start, and stops at the
// first that decides, so that a run that went on has the same verdict, unless what
// came after makes it invalid.
// stored is needed for the forms against a stored run and nil otherwise. Doubt
// about the data is in the Verdict; an error means that the gate itself cannot be:
// an unknown metric or target, a plan that is none.
//
// While a run goes on, a further fresh start is needed as long as More says so.
func (g Gate) Judge(run, stored *ancmbench.Run) (*Verdict, error) {
	if g.Form == "" {
		g.Form = HeadAgainstBase
	}
	if err := g.check(run, stored); err != nil {
		return nil, err
	}
	v := &Verdict{Version: VerdictVersion, Form: g.Form, Subject: run.Subject, Program: run.Program, Servers: figures.OwnServers(run), Baseline: run.Targets[0].Name,
		Plan: g.Plan.Filled(), Spending: stats.Spending, Elapsed: run.Elapsed, Command: run.Command, Reasons: []string{}, Metrics: []MetricVerdict{}}
	if n := mostOf(v.Plan, run); n < v.Plan.Most {
		v.Asked = n
	}
	o := figures.Observe(run)
	cells, err := g.cells(v, run, stored, o)
	if err != nil {
		return nil, err
	}
	v.BaselineRevision, v.TargetRevision = figures.RevisionOf(run, v.Baseline), figures.RevisionOf(run, v.Target)
	v.Penalty = figures.PenaltyOf(run, v.Target)
	f := &following{plan: g.Plan, cells: cells, tables: map[int]*stats.LookTable{}}
	if err := f.follow(); err != nil {
		return nil, err
	}
	faults := g.faults(run, stored, o, cells)
	f.conclude(v, run)
	v.AttenuationFrom = g.AttenuationFrom
	if f.stopped {
		v.Unused = max(0, len(o.Launches)-v.Launches)
	}
	v.Notes = append(v.Notes, warmth(run)...)
	v.conclude(faults)
	if v.ExitCode = v.exitCode(); v.ExitCode == ExitUndecided && g.AllowInconclusive {
		v.Allowed, v.ExitCode = true, ExitPass
	}
	return v, nil
}

// check returns all faults of the gate itself.
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
		if _, ok := ancmbench.MetricByName(m.Name); !ok {
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
