package gate

import (
	"slices"

	"ancmbench"
	"ancmbench/reports/stats"
)

// Outcome is what a gate, or one metric of it, ends with.
type Outcome string

// The outcomes.
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

// Verdict is what a gate decides on a run. It is a pure function of the run.
type Verdict struct {
	Version  int               `json:"version"`
	Form     Form              `json:"form"`
	Outcome  Outcome           `json:"outcome"`
	ExitCode int               `json:"exit_code"`
	Subject  ancmbench.Subject `json:"subject"`
	// Program is the user's behind the module, if the run was about one.
	Program string `json:"program,omitempty"`
	// Servers are the names of the user's servers among the targets.
	Servers  []string `json:"servers,omitempty"`
	Baseline string   `json:"baseline"`
	Target   string   `json:"target"`
	// Penalty is the word for what the target costs more: "loopback penalty", or "penalty".
	Penalty string `json:"penalty_word,omitempty"`
	// BaselineRevision and TargetRevision are what the two were built from; nil where
	// the run does not know.
	BaselineRevision *ancmbench.Revision `json:"baseline_revision,omitempty"`
	TargetRevision   *ancmbench.Revision `json:"target_revision,omitempty"`
	// Plan, and Spending, the function by which it spends Alpha and Beta.
	Plan     stats.Plan `json:"plan"`
	Spending string     `json:"spending"`
	// Launches were looked at; Unused came after the decision.
	Launches int `json:"launches"`
	Unused   int `json:"launches_after_decision,omitempty"`
	// Asked is the most fresh starts that the run was to have, where that is fewer than
	// the plan has.
	Asked int `json:"launches_asked,omitempty"`
	// More reports whether a further fresh start could still decide.
	More    bool              `json:"more_could_decide"`
	Elapsed ancmbench.Seconds `json:"elapsed_seconds"`
	// Allowed says that a missing decision was let pass.
	Allowed bool `json:"inconclusive_allowed,omitempty"`
	// Reasons say why the outcome is what it is, Notes what else to know, such as
	// a default metric that could not be gated.
	Reasons []string        `json:"reasons"`
	Notes   []string        `json:"notes,omitempty"`
	Metrics []MetricVerdict `json:"metrics"`
	// AttenuationFrom says where the metrics' Attenuation was measured; empty if it
	// was not, and then it is taken to be 1.
	AttenuationFrom string `json:"attenuation_from,omitempty"`
	// Command repeats the run, and Report is the file with all that it showed; empty
	// where the run does not know, or where no report was written.
	Command []string `json:"command,omitempty"`
	Report  string   `json:"report,omitempty"`
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
	Base  *stats.Estimate `json:"baseline_value,omitempty"`
	Other *stats.Estimate `json:"target_value,omitempty"`
	// Ratio is Other over Base, or over the budget; its interval is of 95 % for a
	// number of fresh starts fixed beforehand (simulated with the looks: 93 to 95 %).
	Ratio    *stats.Estimate `json:"ratio,omitempty"`
	Launches int             `json:"launches"`
	Looks    []stats.Look    `json:"looks"`
	// BetweenRuns is how much runs were assumed to differ, against a stored one.
	BetweenRuns *stats.BetweenRuns `json:"between_runs,omitempty"`
	// HolmLevel is the divisor of Alpha in the last look.
	HolmLevel int `json:"holm_level,omitempty"`
	// Tells is the smallest true effect that this many fresh starts (at least the
	// first look's) call worse with 80 % power, and Best that of the whole plan;
	// nil with fewer than three fresh starts to take the noise from.
	Tells *Tells `json:"could_have_told,omitempty"`
	Best  *Tells `json:"plan_could_tell,omitempty"`
}

// Tells is a detectable effect, with the number of fresh starts that it takes.
type Tells struct {
	// Share is relative and true, not attenuated: 0.05 is 5 %.
	Share    float64 `json:"share"`
	Launches int     `json:"launches"`
	// From is "A/A" (a twin in this run), "calibration", or "fresh starts": the
	// spread of the comparison itself.
	From string `json:"from"`
}

// Gated returns the metrics that decide.
func (v *Verdict) Gated() []MetricVerdict {
	return slices.DeleteFunc(slices.Clone(v.Metrics), func(m MetricVerdict) bool { return m.Advisory })
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
			v.Reasons = append(v.Reasons, m.Name(v)+": "+m.Why)
		}
	}
}

// overall returns the outcome over several metrics: any fail is fail, else any without
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
