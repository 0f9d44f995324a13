package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// MarginWords says in parentheses how much worse the metric may be; empty for a
// budget, which is in the name.
func (m MetricVerdict) MarginWords() string {
	if m.Budget != nil { // it is in the name
		return ""
	}
	return " (margin " + words.Percent(m.Margin) + ")"
}

// Headline returns the verdict in one sentence.
func (v *Verdict) Headline() string {
	what := v.subject()
	reasons := strings.Join(v.Reasons, "; ")
	switch v.Outcome {
	case Pass:
		if v.Form == BudgetsOnly {
			return "pass: " + what + " keep to every budget"
		}
		return "pass: " + what + " is not worse by the margin"
	case Fail:
		if v.Form == BudgetsOnly {
			return "fail: " + reasons
		}
		return "fail: " + what + ": " + reasons
	case Invalid:
		return "invalid: " + reasons
	}
	var names []string
	for _, m := range v.Undecided() {
		if !m.Advisory {
			names = append(names, m.Name(v))
		}
	}
	return string(v.Outcome) + ": " + what + ": no decision on " + words.List(names)
}

// subject returns what was compared with what.
func (v *Verdict) subject() string {
	target := words.Plain(cmp.Or(v.Target, "the run"))
	switch v.Form {
	case HeadAgainstBase:
		return target + " against " + words.Plain(v.Baseline)
	case PenaltyAgainstStored:
		return "the " + cmp.Or(v.Penalty, "penalty") + " of " + target + " over " + words.Plain(v.Baseline) + " against the stored one"
	case AgainstStored:
		return target + " against the stored run"
	}
	return "the servers"
}

// Block is a part of a verdict's table: rows with the same columns.
type Block struct {
	// Head has the titles of all columns but the first, which has the names.
	Head []string
	Rows []MetricVerdict
}

// Blocks returns the verdict's rows by what they are compared with: first what is compared
// with another side, then what is compared with a budget, which has no other side.
func (v *Verdict) Blocks() []Block {
	base, other := v.Sides()
	compared := Block{Head: []string{base, other, "ratio [95 % interval]", "margin", "outcome"}}
	budgets := Block{Head: []string{"budget", "now", "of the budget [95 % interval]", "", "outcome"}}
	for _, m := range v.Metrics {
		if m.Budget != nil {
			budgets.Rows = append(budgets.Rows, m)
		} else {
			compared.Rows = append(compared.Rows, m)
		}
	}
	return slices.DeleteFunc([]Block{compared, budgets}, func(b Block) bool { return len(b.Rows) == 0 })
}

// Sides returns the titles of the two columns of values.
func (v *Verdict) Sides() (base, other string) {
	switch v.Form {
	case HeadAgainstBase:
		return v.Baseline, v.Target
	case PenaltyAgainstStored, AgainstStored:
		return "stored", "now"
	}
	return "budget", "now"
}

// Conditions returns the conditions of the verdict.
func (v *Verdict) Conditions() string {
	said := []string{words.Count(v.Launches, "fresh start", "fresh starts") + fmt.Sprintf(" of at most %d", cmp.Or(v.Asked, v.Plan.Most))}
	if v.Elapsed > 0 {
		said = append(said, words.Span(v.Elapsed.D()))
	}
	for _, m := range v.Metrics {
		if m.Rate > 0 {
			said = append(said, words.Rate(m.Rate)+" each")
			break
		}
	}
	said = append(said, fmt.Sprintf("looks after %d and each further one, with at most %s false failures and %s wrong passes over all looks",
		v.Plan.First, words.Percent(v.Plan.Alpha), words.Percent(v.Plan.Beta)))
	return strings.Join(said, ", ")
}

// Cells returns the columns of one metric's row: name, base, other, ratio, margin,
// outcome.
func (m MetricVerdict) Cells(v *Verdict) []string {
	base, margin, name := stats.Shown(m.Base, m.Unit), words.Percent(m.Margin), m.Name(v)
	if m.Budget != nil {
		base, margin = stats.Shown(&stats.Estimate{Value: m.Budget.Bound}, m.Unit), ""
	}
	outcome := string(m.Outcome)
	if m.Advisory {
		name += " (advisory)"
	} else if m.Outcome == Fail {
		outcome = "FAIL"
	}
	r := words.Absent
	if m.Ratio != nil {
		r = stats.Ratio(m.Ratio)
	}
	return []string{name, base, stats.Shown(m.Other, m.Unit), r, margin, outcome}
}

// Undecided returns the metrics without a decision, the advisory ones last.
func (v *Verdict) Undecided() []MetricVerdict {
	var gated, advisory []MetricVerdict
	for _, m := range v.Metrics {
		switch {
		case m.Outcome != Inconclusive && m.Outcome != Unstable:
		case m.Advisory:
			advisory = append(advisory, m)
		default:
			gated = append(gated, m)
		}
	}
	return append(gated, advisory...)
}

// BuiltFrom names the revisions that the verdict compares.
func (v *Verdict) BuiltFrom() string {
	return figures.BuiltFrom([]ancmbench.TargetInfo{{Name: v.Baseline, Revision: v.BaselineRevision}, {Name: v.Target, Revision: v.TargetRevision}})
}
