package reports

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"ancmbench"
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

// budgetWords are the short names of metrics, beside the full ones.
var budgetWords = map[string]string{
	"p50": "response_p50_seconds", "p90": "response_p90_seconds", "p99": "response_p99_seconds",
	"response p50": "response_p50_seconds", "response p90": "response_p90_seconds", "response p99": "response_p99_seconds",
	"service p50": "service_p50_seconds", "service p99": "service_p99_seconds",
	"cpu": "cpu_seconds_per_request", "peak cpu": "peak_cpu_seconds_per_request",
	"throughput": "throughput_per_second", "memory": "memory_loaded_bytes", "idle memory": "memory_idle_bytes",
	"cold start": "cold_start_seconds", "recovery": "recovery_seconds",
}

// ParseBudget reads "[TARGET] [penalty] METRIC <= VALUE", such as
// "out-of-process p99 <= 2ms", "cpu <= 100us", "penalty p50 <= 2.5x" or
// "throughput >= 10000/s".
func ParseBudget(text string) (Budget, error) {
	b, _, err := parseBudget(text, cutMetric, "p50, p90, p99, service p50, service p99, cpu, peak cpu, throughput, memory, idle memory, cold start, recovery")
	return b, err
}

// ParseThreshold reads "METRIC <= VALUE" in the same grammar, of one of the metrics, by
// its name or its title, and without a target.
func ParseThreshold(text string, of []ancmbench.Metric) (Budget, ancmbench.Metric, error) {
	titles := make([]string, len(of))
	for i, m := range of {
		titles[i] = m.Title
	}
	names := strings.Join(titles, ", ")
	b, m, err := parseBudget(text, func(words []string) (ancmbench.Metric, []string, bool) {
		name := strings.Join(words, " ")
		for _, m := range of {
			if strings.EqualFold(m.Title, name) || strings.EqualFold(m.Name, name) {
				return m, nil, true
			}
		}
		return ancmbench.Metric{}, nil, false
	}, names)
	return b, m, err
}

// parseBudget reads a budget on a metric that cut takes off the end of the words; names
// are the short names that there are.
func parseBudget(text string, cut func([]string) (ancmbench.Metric, []string, bool), names string) (Budget, ancmbench.Metric, error) {
	b := Budget{Text: strings.Join(strings.Fields(strings.NewReplacer("≤", "<=", "≥", ">=").Replace(text)), " ")}
	b.Text = strings.ToValidUTF8(b.Text, "\uFFFD")
	fail := func(format string, args ...any) (Budget, ancmbench.Metric, error) {
		return Budget{}, ancmbench.Metric{}, fmt.Errorf("budget %q: "+format, append([]any{text}, args...)...)
	}
	left, right, atMost := strings.Cut(b.Text, "<=")
	if !atMost {
		var atLeast bool
		if left, right, atLeast = strings.Cut(b.Text, ">="); !atLeast {
			return fail("no <= or >=; write as in \"out-of-process p99 <= 2ms\"")
		}
	}
	metric, rest, ok := cut(strings.Fields(left))
	if !ok {
		return fail("no metric before the sign; the short names are %s", names)
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
func cutMetric(words []string) (m ancmbench.Metric, rest []string, ok bool) {
	for i := range words {
		name := strings.ToLower(strings.Join(words[i:], " "))
		if full, short := budgetWords[strings.ReplaceAll(name, "_", " ")]; short {
			name = full
		}
		if m, ok := gateMetric(name); ok {
			return m, words[:i], true
		}
		for _, m := range ancmbench.Metrics {
			if strings.EqualFold(m.Title, name) {
				return m, words[:i], true
			}
		}
	}
	return m, nil, false
}

// boundUnits are the ways to write a value of a metric's unit, longest first
// where one ends in another.
var boundUnits = map[string][]scale{
	"seconds": {{1e-3, "ms"}, {1e-6, "us"}, {1e-6, "µs"}, {1e-6, "μs"}, {1e-9, "ns"}, {1, "s"}},
	"bytes": {{1 << 10, "kib"}, {1 << 20, "mib"}, {1 << 30, "gib"}, {1e3, "kb"}, {1e6, "mb"}, {1e9, "gb"},
		{1, "bytes"}, {1, "b"}},
	"per request": {{1, "/request"}, {1, "/req"}},
	"per second":  {{1, "requests/s"}, {1, "req/s"}, {1, "/s"}},
	"ratio":       {{1, "x"}},
}

func parseBound(text, unit string) (float64, error) {
	units := boundUnits[strings.TrimSuffix(unit, " per request")]
	for _, u := range units {
		number, ok := strings.CutSuffix(strings.ToLower(text), u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		v *= u.from
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("%q is no positive number of %s", text, u.name)
		}
		return v, nil
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.name
	}
	return 0, fmt.Errorf("%q has no unit; legal are %s", text, strings.Join(names, ", "))
}

// ParseBudgets reads several, and reports all faults at once.
func ParseBudgets(texts []string) ([]Budget, error) {
	var out []Budget
	var faults []error
	for _, t := range texts {
		b, err := ParseBudget(t)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		out = append(out, b)
	}
	return out, errors.Join(faults...)
}

// addBudgets makes a cell of each budget and workload. A budget has no margin:
// over it is fail, under it pass, and where neither is told there is no decision.
func (g Gate) addBudgets(cells []*cell, run *ancmbench.Run, o *observations) ([]*cell, error) {
	var faults []error
	for _, b := range g.Budgets {
		target, err := b.on(run)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		m, ok := gateMetric(b.Metric)
		if !ok || !(b.Bound > 0) {
			faults = append(faults, fmt.Errorf("gate: budget %q: no such metric, or no bound", b.Text))
			continue
		}
		for _, at := range o.choose(m, run.Targets[0].Name, "", true) {
			c := g.newCell(o, m, at, target)
			c.Budget, c.Attenuation, c.spread = &b, 1, 0
			c.fillBudget(o, m, run)
			cells = append(cells, c)
		}
	}
	return cells, errors.Join(faults...)
}

// on is the target that a budget binds.
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
		return "", fmt.Errorf("gate: budget %q: no target %q: there is %s", b.Text, plain(b.Target), listOr(all))
	case len(others) == 1:
		return others[0], nil
	case len(others) == 0 && !b.Penalty:
		return baseline, nil
	}
	return "", fmt.Errorf("gate: budget %q: name one of the targets: %s", b.Text, listOr(others))
}

func (c *cell) fillBudget(o *observations, m ancmbench.Metric, run *ancmbench.Run) {
	if !c.Budget.Penalty {
		xs, launches := o.values(m, c.at, c.Target)
		for i, x := range xs {
			c.add(launches[i], x, c.Budget.Bound)
		}
		c.note = missing(m, len(o.series(c.at, c.Target)), len(xs))
		return
	}
	c.penalties(o.state(m, c.at, run.Targets[0].Name, c.Target), c.Budget.Bound)
}
