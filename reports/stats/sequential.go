package stats

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Plan is a group-sequential plan: after which fresh starts the gate looks, and how
// often it may be wrong over all looks together. Looking and stopping without one
// turns 5 % false alarms into 16 to 26 %. The zero value is the
// plan that Filled gives.
type Plan struct {
	// First is the number of fresh starts at the first look, and one look follows
	// after each further fresh start; zero is 6, and fewer are not allowed.
	First int `json:"first_look_launches"`
	// Most is the number of fresh starts at the last look; zero is 20.
	Most int `json:"most_launches"`
	// Alpha bounds the chance of saying "worse" of what is not; zero is 0.01.
	Alpha float64 `json:"alpha_worse"`
	// Beta bounds the chance of saying "not worse" of what is worse by the margin
	// or more; zero is 0.05.
	Beta float64 `json:"beta_not_worse"`
}

// firstLook is the smallest number of fresh starts that allow a conclusion: fewer do not
// show how much fresh starts differ.
const firstLook = 6

// Spending names the function by which Alpha and Beta are spent, for the record.
const Spending = "O'Brien-Fleming (Lan-DeMets)"

// Filled returns the plan with its defaults in place.
func (p Plan) Filled() Plan {
	if p.First == 0 {
		p.First = firstLook
	}
	if p.Most == 0 {
		p.Most = max(20, p.First)
	}
	if p.Alpha == 0 {
		p.Alpha = 0.01
	}
	if p.Beta == 0 {
		p.Beta = 0.05
	}
	return p
}

// Check returns all that is wrong with the plan.
func (p Plan) Check() error {
	p = p.Filled()
	var faults []error
	if p.First < firstLook {
		faults = append(faults, fmt.Errorf("plan: first look at %d launches: must be at least %d", p.First, firstLook))
	}
	if p.Most < p.First || p.Most > 1000 {
		faults = append(faults, fmt.Errorf("plan: at most %d launches: must be %d to 1000", p.Most, p.First))
	}
	if !(p.Alpha > 0 && p.Alpha < 0.5) {
		faults = append(faults, fmt.Errorf("plan: alpha %v: must be above 0 and below 0.5", p.Alpha))
	}
	if !(p.Beta > 0 && p.Beta < 0.5) {
		faults = append(faults, fmt.Errorf("plan: beta %v: must be above 0 and below 0.5", p.Beta))
	}
	return errors.Join(faults...)
}

// Decision is what a look ends with.
type Decision string

// The decisions. NotWorse means: worse by the margin is ruled out.
const (
	Continue     Decision = "continue"
	Worse        Decision = "worse"
	NotWorse     Decision = "not worse"
	BoundReached Decision = "bound reached"
)

// Look is one look at the fresh starts so far. Logs are natural, and positive is worse.
type Look struct {
	Launches int     `json:"launches"`
	MeanLog  float64 `json:"mean_log"`
	// StandardError is of MeanLog; Degrees are Student's, of the paired form the
	// fresh starts less one.
	StandardError float64 `json:"standard_error_log"`
	Degrees       float64 `json:"degrees_of_freedom"`
	// PWorse is the one-sided p-value of "not worse at all", and PNotWorse that of
	// "worse by the margin or more"; each must go below its Needed.
	PWorse         float64 `json:"p_worse"`
	NeededWorse    float64 `json:"p_worse_needed"`
	PNotWorse      float64 `json:"p_not_worse"`
	NeededNotWorse float64 `json:"p_not_worse_needed"`
}

// Follow takes the looks of the plan at one metric's log ratios, one per fresh start
// in the order in which they were measured, positive is worse, and stops at the
// first that decides. margin is a share: 0.05 is 5 %. Launches after the last
// look are not looked at. It is an error if the plan is none or margin negative.
//
// Where both are ruled out at one look, "not worse at all" and "worse by the
// margin", the metric is worse by less than the margin, and the decision NotWorse.
func (p Plan) Follow(logs []float64, margin float64) (Decision, []Look, error) {
	if !(margin >= 0) {
		return "", nil, fmt.Errorf("margin %v: must not be negative", margin)
	}
	t, err := p.Table(0)
	if err != nil {
		return "", nil, err
	}
	e := Evidence{Logs: logs, LogMargin: math.Log1p(margin)}
	var looks []Look
	for n := t.First; n <= min(len(logs), t.Most); n++ {
		l := t.Look(e, n, 1)
		looks = append(looks, l)
		if d := l.Decision(); d != Continue {
			return d, looks, nil
		}
	}
	if len(logs) >= t.Most {
		return BoundReached, looks, nil
	}
	return Continue, looks, nil
}

// Decision is Worse, NotWorse or Continue.
func (l Look) Decision() Decision {
	switch {
	case l.PNotWorse < l.NeededNotWorse:
		return NotWorse
	case l.PWorse < l.NeededWorse:
		return Worse
	}
	return Continue
}

// Evidence is the data of one metric.
type Evidence struct {
	// logs has one element per fresh start, positive is worse.
	Logs []float64
	// stored are the fresh starts of a stored run that logs are compared with; nil
	// for a comparison within each fresh start.
	Stored []float64
	// between is how much runs of one thing differ, apart from what their fresh starts
	// tell; only where there are stored ones.
	Between BetweenRuns
	// margin is a log, on the scale of logs.
	LogMargin float64
}

// At returns the mean of the first n fresh starts, less that of the stored ones, with
// its standard error and degrees of freedom. Launches of one run have no
// partners in another, and another host state another spread: so Welch's form,
// where pairs within a fresh start are subtracted before (in logs).
func (e Evidence) At(n int) (mean, se, degrees float64) {
	mean, v := MeanVariance(e.Logs[:n])
	own := v / float64(n)
	degrees = float64(n - 1)
	if e.Stored == nil {
		return mean, math.Sqrt(own), degrees
	}
	old, v := MeanVariance(e.Stored)
	m := float64(len(e.Stored))
	theirs := v / m
	runs := 2 * e.Between.SD * e.Between.SD // this run has its hour, the stored one another
	if sum := own + theirs + runs; sum > 0 {
		parts := own*own/float64(n-1) + theirs*theirs/(m-1)
		if e.Between.Runs > 1 { // else it is taken as known
			parts += runs * runs / float64(e.Between.Runs-1)
		}
		degrees = manyDegrees
		if parts > 0 {
			degrees = min(manyDegrees, sum*sum/parts)
		}
	}
	return mean - old, math.Sqrt(own + theirs + runs), degrees
}

// manyDegrees is the number of degrees of freedom beyond which more make no difference.
const manyDegrees = 1e6

// LookTable has the p-values that a plan needs, each computed once.
type LookTable struct {
	Plan
	info []float64
	// worse[j] is for alpha/j, the levels of Holm's procedure.
	worse    map[int][]float64
	notWorse []float64
}

// Table computes the plan against a stored run with that many fresh starts, or against none
// for zero. The information at n fresh starts is that of a difference of means, 1/(1/n +
// 1/stored).
func (p Plan) Table(stored int) (*LookTable, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	t := &LookTable{Plan: p.Filled(), worse: map[int][]float64{}}
	for n := t.First; n <= t.Most; n++ {
		i := float64(n)
		if stored > 0 {
			i = 1 / (1/i + 1/float64(stored))
		}
		t.info = append(t.info, i)
	}
	t.notWorse = nominal(t.info, t.Beta)
	return t, nil
}

// NeededWorse returns the p-value that n fresh starts need at Holm's level alpha/level.
func (t *LookTable) NeededWorse(n, level int) float64 {
	if t.worse[level] == nil {
		t.worse[level] = nominal(t.info, t.Alpha/float64(level))
	}
	return t.worse[level][n-t.First]
}

// Look looks at the first n fresh starts, First to Most, at Holm's level alpha/level.
func (t *LookTable) Look(e Evidence, n, level int) Look {
	mean, se, degrees := e.At(n)
	return Look{Launches: n, MeanLog: mean, StandardError: se, Degrees: degrees,
		PWorse:         StudentUpper(mean, se, degrees),
		NeededWorse:    t.NeededWorse(n, level),
		PNotWorse:      StudentUpper(e.LogMargin-mean, se, degrees),
		NeededNotWorse: t.notWorse[n-t.First]}
}

// StudentUpper returns the one-sided p-value of "at most zero" for a mean: small when
// the mean is far above zero. Without any spread it is 0, or 1.
func StudentUpper(mean, se, degrees float64) float64 {
	switch {
	case se > 0:
		return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: degrees}.CDF(-mean / se)
	case mean > 0:
		return 0
	}
	return 1
}
