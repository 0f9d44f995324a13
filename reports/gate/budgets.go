package gate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/words"
)

// Budget is an absolute bound on a metric of a target, or on a penalty.
type Budget struct {
	// Text is what the user wrote.
	Text string `json:"text"`
	// Target is empty for the one target that is compared with the baseline, or
	// for the baseline if there is none.
	Target string `json:"target,omitempty"`
	// Metric is a key of ancmbench.Metrics.
	Metric string `json:"metric"`
	// Penalty bounds the ratio of target to baseline, turned so that more than 1
	// is worse, instead of the target's value.
	Penalty bool `json:"penalty,omitempty"`
	// Bound is in the metric's unit, or a ratio. It is the most where less is
	// better, and the least where more is; of a penalty always the most.
	Bound float64 `json:"bound"`
}

// ParseBudget reads "[TARGET] [penalty] METRIC <= VALUE", such as
// "out-of-process p99 <= 2ms", "cpu <= 100us", "penalty p50 <= 2.5x" or
// "throughput >= 10000/s".
func ParseBudget(text string) (Budget, error) {
	b, _, err := parseBudget(text, "out-of-process p99 <= 2ms", cutMetric, ancmbench.MetricWords())
	return b, err
}

// ParseThreshold reads "METRIC <= VALUE" in the same grammar, of one of the metrics, by
// its name or its title, and without a target.
func ParseThreshold(text string, of []ancmbench.Metric) (Budget, ancmbench.Metric, error) {
	titles := make([]string, len(of))
	for i, m := range of {
		titles[i] = m.Title
	}
	b, m, err := parseBudget(text, "p99 <= 2ms", func(said []string) (ancmbench.Metric, []string, bool) {
		name := strings.Join(said, " ")
		for _, m := range of {
			if strings.EqualFold(m.Title, name) || strings.EqualFold(m.Name, name) {
				return m, nil, true
			}
		}
		return ancmbench.Metric{}, nil, false
	}, titles)
	return b, m, err
}

// parseBudget reads a budget on a metric that cut takes off the end of the words; names
// are the short names that there are, and example is a budget of the kind.
func parseBudget(text, example string, cut func([]string) (ancmbench.Metric, []string, bool), names []string) (Budget, ancmbench.Metric, error) {
	b := Budget{Text: strings.Join(strings.Fields(strings.NewReplacer("≤", "<=", "≥", ">=").Replace(text)), " ")}
	b.Text = strings.ToValidUTF8(b.Text, "\uFFFD")
	fail := func(format string, args ...any) (Budget, ancmbench.Metric, error) {
		return Budget{}, ancmbench.Metric{}, &BudgetFault{text, fmt.Errorf(format, args...)}
	}
	left, right, atMost := strings.Cut(b.Text, "<=")
	if !atMost {
		var atLeast bool
		if left, right, atLeast = strings.Cut(b.Text, ">="); !atLeast {
			return fail("no <= or >=; write as in %q", example)
		}
	}
	metric, rest, ok := cut(strings.Fields(left))
	if !ok {
		return fail("no metric before the sign; the short names are %s", strings.Join(names, ", "))
	}
	if n := len(rest); n > 0 && strings.EqualFold(rest[n-1], "penalty") {
		b.Penalty, rest = true, rest[:n-1]
	}
	b.Target, b.Metric = strings.Join(rest, " "), metric.Name
	least := metric.Better == ancmbench.Higher && !b.Penalty
	if least == atMost {
		sign := map[bool]string{true: ">=", false: "<="}[least]
		return fail("a budget on %s is written with %s", metric.Title, sign)
	}
	unit := metric.Unit
	if b.Penalty {
		unit = "ratio"
	}
	var err error
	if b.Bound, err = parseBound(strings.TrimSpace(right), unit); err != nil {
		return fail("%w", err)
	}
	return b, metric, nil
}

// cutMetric takes the longest metric off the end of words.
func cutMetric(said []string) (m ancmbench.Metric, rest []string, ok bool) {
	for i := range said {
		if m, ok := ancmbench.MetricByWord(strings.Join(said[i:], " ")); ok {
			return m, said[:i], true
		}
	}
	return m, nil, false
}

// boundUnits are the ways to write a value of a metric's unit, longest first
// where one ends in another.
var boundUnits = map[string][]words.Scale{
	"seconds": {{From: 1e-3, Name: "ms"}, {From: 1e-6, Name: "us"}, {From: 1e-6, Name: "µs"}, {From: 1e-6, Name: "μs"}, {From: 1e-9, Name: "ns"}, {From: 1, Name: "s"}},
	"bytes": {{From: 1 << 10, Name: "kib"}, {From: 1 << 20, Name: "mib"}, {From: 1 << 30, Name: "gib"}, {From: 1e3, Name: "kb"}, {From: 1e6, Name: "mb"}, {From: 1e9, Name: "gb"},
		{From: 1, Name: "bytes"}, {From: 1, Name: "b"}},
	"per request": {{From: 1, Name: "/request"}, {From: 1, Name: "/req"}},
	"per second":  {{From: 1, Name: "requests/s"}, {From: 1, Name: "req/s"}, {From: 1, Name: "/s"}},
	"ratio":       {{From: 1, Name: "x"}},
}

// mostBound is beyond what any metric can be, in its own unit.
const mostBound = 1e18

func parseBound(text, unit string) (float64, error) {
	units := boundUnits[strings.TrimSuffix(unit, " per request")]
	for _, u := range units {
		number, ok := strings.CutSuffix(strings.ToLower(text), u.Name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		v *= u.From
		if err != nil || !(v > 0) || v > mostBound {
			return 0, fmt.Errorf("%q is no positive number of %s", text, u.Name)
		}
		return v, nil
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.Name
	}
	return 0, fmt.Errorf("%q has no unit; legal are %s", text, strings.Join(names, ", "))
}

// BudgetFault is a budget that cannot be read, and why.
type BudgetFault struct {
	Text string
	Err  error
}

func (b *BudgetFault) Error() string { return fmt.Sprintf("budget %q: %v", b.Text, b.Err) }
func (b *BudgetFault) Unwrap() error { return b.Err }

// BudgetFaults are all that ParseBudgets cannot read.
type BudgetFaults []*BudgetFault

func (bs BudgetFaults) Error() string {
	lines := make([]string, len(bs))
	for i, b := range bs {
		lines[i] = b.Error()
	}
	return strings.Join(lines, "\n")
}

// ParseBudgets reads several; the error is of type BudgetFaults and has all of them.
func ParseBudgets(texts []string) ([]Budget, error) {
	var out []Budget
	var faults BudgetFaults
	for _, t := range texts {
		b, err := ParseBudget(t)
		var fault *BudgetFault
		switch {
		case errors.As(err, &fault):
			faults = append(faults, fault)
		case err == nil:
			out = append(out, b)
		}
	}
	if len(faults) > 0 {
		return out, faults
	}
	return out, nil
}

// addBudgets makes a cell of each budget and workload. A budget has no margin:
// an interval above it fails, one below it passes, and otherwise there is no decision.
func (g Gate) addBudgets(cells []*cell, run *ancmbench.Run, o *figures.Observations) ([]*cell, error) {
	var faults []error
	for _, b := range g.Budgets {
		target, err := b.on(run)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		m, ok := ancmbench.MetricByName(b.Metric)
		if !ok || !(b.Bound > 0) {
			faults = append(faults, fmt.Errorf("gate: budget %q: no such metric, or no bound", b.Text))
			continue
		}
		for _, at := range o.Choose(m, run.Targets[0].Name, "", true) {
			c := g.newCell(o, m, at, target)
			c.Budget, c.Attenuation, c.spread = &b, 1, 0
			c.fillBudget(o, m, run)
			cells = append(cells, c)
		}
	}
	return cells, errors.Join(faults...)
}

// on returns the target of a budget.
func (b Budget) on(run *ancmbench.Run) (string, error) {
	var all, others []string
	for i, t := range run.Targets {
		all = append(all, t.Name)
		if t.TwinOf == "" && i > 0 {
			others = append(others, t.Name)
		}
	}
	baseline := run.Targets[0].Name
	switch {
	case b.Target != "":
		for _, name := range all {
			if strings.EqualFold(name, b.Target) && !(b.Penalty && name == baseline) {
				return name, nil
			}
		}
		return "", fmt.Errorf("gate: budget %q: no target %q: there is %s", b.Text, words.Plain(b.Target), listOr(all))
	case len(others) == 1:
		return others[0], nil
	case len(others) == 0 && !b.Penalty:
		return baseline, nil
	}
	return "", fmt.Errorf("gate: budget %q: name one of the targets: %s", b.Text, listOr(others))
}

func (c *cell) fillBudget(o *figures.Observations, m ancmbench.Metric, run *ancmbench.Run) {
	if !c.Budget.Penalty {
		xs, launches := o.Values(m, c.at, c.Target)
		for i, x := range xs {
			c.add(launches[i], x, c.Budget.Bound)
		}
		c.note = figures.Missing(m, len(o.Series(c.at, c.Target)), len(xs))
		return
	}
	c.penalties(o.State(m, c.at, run.Targets[0].Name, c.Target), c.Budget.Bound)
}
