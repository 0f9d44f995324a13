package figures

import (
	"fmt"
	"math"

	"ancmbench"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// PenaltyOf returns the ratio of one fresh start, where more than 1 is worse; ok is false if
// there is none.
func (s Statement) PenaltyOf(p Pair) (x float64, ok bool) {
	if !(p.Base > 0 && p.Other > 0) {
		return 0, false
	}
	if s.Better == ancmbench.Higher {
		return p.Base / p.Other, true
	}
	return p.Other / p.Base, true
}

// Statement is what the fresh starts of a run say about one metric of two targets.
type Statement struct {
	// Metric is the key in ancmbench.Metrics; Title, Unit and Better are its.
	Metric string              `json:"metric"`
	Title  string              `json:"title"`
	Unit   string              `json:"unit"`
	Better ancmbench.Direction `json:"better"`

	Phase    string `json:"phase"`
	Workload string `json:"workload"`
	// Rate is the open-loop rate per second and target for which this holds, the
	// mean over fresh starts; zero for a closed loop.
	Rate        float64 `json:"rate_per_second,omitempty"`
	Connections int     `json:"connections,omitempty"`

	Baseline string `json:"baseline"`
	Target   string `json:"target"`

	// Base and Other are geometric means over fresh starts, so that Ratio is their
	// quotient and Difference their difference; nil when nothing could be read. Where
	// a value is zero both are arithmetic means, and there is no Ratio.
	Base  *stats.Estimate `json:"baseline_value,omitempty"`
	Other *stats.Estimate `json:"target_value,omitempty"`
	// Difference is Other less Base, in Unit.
	Difference *stats.Estimate `json:"difference,omitempty"`
	// Ratio is the mean over fresh starts of the log of target over baseline, raised.
	Ratio *stats.Estimate `json:"ratio,omitempty"`
	// Cores, for CPU per request at a rate, is Difference times that rate: how
	// many cores more the target keeps busy.
	Cores *stats.Estimate `json:"cores,omitempty"`

	// Launches is the number of pairs behind the above, and Of that of the fresh starts that
	// measured both sides: some may lack this metric.
	Launches int    `json:"launches"`
	Of       int    `json:"-"`
	Pairs    []Pair `json:"pairs"`
	// P is the p-value of the paired t-test; nil for fewer than two launches.
	P *float64 `json:"p_paired_t,omitempty"`
	// Second is the unpaired, distribution-free view.
	Second *stats.SecondView `json:"mann_whitney,omitempty"`
	// Smallest is the smallest detectable effect.
	Smallest *SmallestEffect `json:"smallest_effect,omitempty"`
	// Basis is "PSS" or "RSS" for memory.
	Basis string `json:"basis,omitempty"`
	// Note says what is missing, and why; empty if nothing is.
	Note string `json:"note,omitempty"`
	// Few says that it is a quantile beyond which too few samples lie.
	Few bool `json:"-"`
}

// Pair is one fresh start's two values, in the unit of the metric.
type Pair struct {
	Launch int     `json:"launch"`
	Base   float64 `json:"baseline_value"`
	Other  float64 `json:"target_value"`
	// Rate is the rate per second in force in this fresh start.
	Rate float64 `json:"rate_per_second,omitempty"`
}

// SmallestEffect is the smallest detectable effect of a run of this size on this host.
type SmallestEffect struct {
	// Share is relative: 0.05 is 5 %.
	Share float64 `json:"share"`
	// From is "A/A" when it was taken from a twin of the baseline in the same
	// design, and "interval" when it is the half-width of the interval.
	From string `json:"from"`
}

// Told reports whether a difference was detected: the interval of the ratio, or
// where there is none that of the difference, leaves "the same" out.
func (s Statement) Told() bool {
	switch {
	case s.Ratio != nil && s.Ratio.Interval != nil:
		return !s.Ratio.Interval.Holds(1)
	case s.Ratio == nil && s.Difference != nil && s.Difference.Interval != nil:
		return !s.Difference.Interval.Holds(0)
	}
	return false
}

// Single says why there is no interval: the value is of one fresh start. It is empty for a
// value of several or none.
func (s Statement) Single() string {
	switch {
	case s.Launches != 1:
		return ""
	case s.Of > 1:
		return fmt.Sprintf("one of %d fresh starts: no interval", s.Of)
	}
	return "one fresh start: no interval"
}

// Worse reports whether the target's value is on the worse side of the
// baseline's, detected or not.
func (s Statement) Worse() bool {
	if s.Difference == nil {
		return false
	}
	more := s.Difference.Value > 0
	if s.Ratio != nil {
		more = s.Ratio.Value > 1
	}
	return more == (s.Better == ancmbench.Lower)
}

// Penalty returns the ratio turned so that more than 1 is worse; nil without a ratio.
func (s Statement) Penalty() *stats.Estimate { return Penalty(s.Ratio, s.Better) }

// Penalty turns the ratio of a metric so that more than 1 is worse; nil stays nil.
func Penalty(ratio *stats.Estimate, better ancmbench.Direction) *stats.Estimate {
	if ratio == nil || better == ancmbench.Lower {
		return ratio
	}
	p := ratio.Inverse()
	return &p
}

// State makes the statement of one metric in one scenario.
func (o *Observations) State(m ancmbench.Metric, s Scenario, baseline, target string) Statement {
	st := Statement{Metric: m.Name, Title: m.Title, Unit: m.Unit, Better: m.Better,
		Phase: s.Phase, Workload: s.Workload, Baseline: baseline, Target: target, Pairs: []Pair{}}
	seen, rate := 0, 0.0
	for _, l := range o.Launches {
		rb, ro := o.Cell(l, s, baseline), o.Cell(l, s, target)
		if rb == nil || ro == nil {
			continue
		}
		seen++
		st.Connections, rate = rb.Connections, OpenRate(rb)
		vb, okB := m.Read(rb)
		vo, okO := m.Read(ro)
		if okB && okO {
			st.Pairs = append(st.Pairs, Pair{Launch: l, Base: vb, Other: vo, Rate: OpenRate(rb)})
		}
	}
	st.Launches, st.Of = len(st.Pairs), seen
	st.Note = Missing(m, seen, st.Launches)
	if why := o.unread(m, s, baseline, target); why != "" && st.Launches < seen {
		st.Note = unmeasured(why, seen, st.Launches)
	}
	st.Few = m.Quantile > 0 && st.Launches < seen
	if isMemory(m) {
		st.Basis = o.memoryBasis(m, s, baseline, target)
		if st.Basis == mixedBasis {
			st.Note = "PSS of some processes and only RSS of others: not comparable"
			st.Pairs, st.Launches = []Pair{}, 0
		}
	}
	if st.Launches == 0 {
		st.Rate = rate
		st.Base, st.Other = o.valueOf(m, s, baseline), o.valueOf(m, s, target)
		return st
	}
	st.conclude()
	return st
}

// conclude fills in everything that follows from the pairs.
func (s *Statement) conclude() {
	var base, other, logs []float64
	for _, p := range s.Pairs {
		base, other = append(base, p.Base), append(other, p.Other)
		s.Rate += p.Rate / float64(len(s.Pairs))
		if p.Base > 0 && p.Other > 0 {
			logs = append(logs, math.Log(p.Other/p.Base))
		}
	}
	s.Base, s.Other = Center(base), Center(other)
	d := stats.Difference(base, other)
	s.Difference = &d
	if s.Unit == "seconds per request" && s.Rate > 0 {
		c := d.Times(s.Rate)
		s.Cores = &c
	}
	s.Second = stats.MannWhitney(base, other)
	if len(logs) < len(s.Pairs) {
		b, o := stats.Student(base), stats.Student(other)
		s.Base, s.Other = &b, &o
		s.Note = "a value of zero has no ratio"
		return
	}
	log := stats.Student(logs)
	r := stats.RatioOf(log)
	s.Ratio = &r
	if p, ok := stats.PairedP(logs); ok {
		s.P = &p
	}
	if log.Interval != nil {
		half := (log.Interval.High - log.Interval.Low) / 2
		s.Smallest = &SmallestEffect{Share: math.Expm1(min(half, words.MaxLog)), From: "interval"}
	}
}

// Center returns the geometric mean where every value is positive, and the
// arithmetic mean otherwise.
func Center(xs []float64) *stats.Estimate {
	if len(xs) == 0 {
		return nil
	}
	logs := make([]float64, 0, len(xs))
	for _, x := range xs {
		if x <= 0 {
			e := stats.Student(xs)
			return &e
		}
		logs = append(logs, math.Log(x))
	}
	e := stats.RatioOf(stats.Student(logs))
	return &e
}

// Values reads a metric from every fresh start of a target.
func (o *Observations) Values(m ancmbench.Metric, s Scenario, target string) (xs []float64, launches []int) {
	for _, l := range o.Launches {
		r := o.Cell(l, s, target)
		if r == nil {
			continue
		}
		if v, ok := m.Read(r); ok {
			xs, launches = append(xs, v), append(launches, l)
		}
	}
	return xs, launches
}

func (o *Observations) valueOf(m ancmbench.Metric, s Scenario, target string) *stats.Estimate {
	xs, _ := o.Values(m, s, target)
	return Center(xs)
}

// OpenRate returns the rate per second of an open loop, and 0 of a closed one.
func OpenRate(r *ancmbench.Result) float64 {
	if !r.Arrivals.Open() {
		return 0
	}
	return r.Arrivals.Rate
}

// Missing returns why some of the measured fresh starts have no value.
func Missing(m ancmbench.Metric, seen, have int) string {
	if have == seen {
		return ""
	}
	why := "not every process could be read"
	if m.Role != "" && have == 0 {
		why = "not both have a role " + string(m.Role)
	}
	switch {
	case m.Quantile > 0:
		why = "too few samples beyond the quantile"
	case m.Kind == ancmbench.ColdStart || m.Kind == ancmbench.Recovery:
		why = "no first answer was seen"
	}
	if have == 0 {
		return why
	}
	return why + " " + inStarts(seen-have, seen)
}

// inStarts writes "in 2 of 3 fresh starts".
func inStarts(n, of int) string {
	return fmt.Sprintf("in %d of %s", n, words.Count(of, "fresh start", "fresh starts"))
}

// unmeasured returns the note of a metric that some fresh starts lack, for a reason.
func unmeasured(why string, seen, have int) string {
	if have == 0 {
		return "not measured: " + why
	}
	return "not measured " + inStarts(seen-have, seen) + ": " + why
}

// unread returns why a cost could not be read of a role of one of the targets, the first
// reason that there is, or "".
func (o *Observations) unread(m ancmbench.Metric, s Scenario, names ...string) string {
	field := costField(m)
	if field == "" {
		return ""
	}
	for _, name := range names {
		for _, r := range o.Series(s, name) {
			for _, u := range r.Usage {
				if why := u.Unsupported[field]; why != "" && u.Role != ancmbench.GeneratorRole && (m.Role == "" || m.Role == u.Role) {
					return words.Plain(fmt.Sprintf("%s, %s: %s", name, u.Role, why))
				}
			}
		}
	}
	return ""
}

// costField returns the name in RoleUsage.Unsupported of what a metric is read from, or "".
func costField(m ancmbench.Metric) string {
	switch {
	case m.Unit == "seconds per request":
		return "cpu"
	case m.Unit == "bytes" && m.Idle:
		return "memory_idle"
	case m.Unit == "bytes":
		return "memory_loaded"
	case m.Name == "context_switches_per_request":
		return "context_switches"
	case m.Name == "system_calls_per_request":
		return "system_calls"
	}
	return ""
}

const mixedBasis = "mixed"

func isMemory(m ancmbench.Metric) bool { return m.Unit == "bytes" }

// memoryBasis returns PSS or RSS, as the metric was read; the two must not be compared with
// each other.
func (o *Observations) memoryBasis(m ancmbench.Metric, s Scenario, targets ...string) string {
	basis := ""
	if m.Private {
		return "USS"
	}
	for _, t := range targets {
		for _, r := range o.Series(s, t) {
			if _, ok := m.Read(r); !ok {
				continue
			}
			b := "PSS"
			for _, u := range r.Usage {
				use := u.Loaded
				if m.Idle {
					use = u.Idle
				}
				if m.Role != "" && u.Role != m.Role {
					continue
				}
				if u.Role != ancmbench.GeneratorRole && use != nil && use.PSS == nil {
					b = "RSS"
				}
			}
			if basis != "" && basis != b {
				return mixedBasis
			}
			basis = b
		}
	}
	return basis
}
