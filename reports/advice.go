package reports

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ancmbench"
)

// Advice is one warning of a run in words, over all the places where it was
// raised.
type Advice struct {
	Code     ancmbench.WarningCode `json:"code"`
	Severity Severity              `json:"severity"`
	// Text says what is the matter, with its worst value; Do what to do about it.
	Text string `json:"text"`
	Do   string `json:"do"`
	// Command is a line for a Linux shell that mends it, or shows what must be mended
	// by hand; empty where none does. It is never run by us.
	Command string `json:"command,omitempty"`
	// Count is how often it was raised, in Phases and on Targets.
	Count   int      `json:"count"`
	Phases  []string `json:"phases,omitempty"`
	Targets []string `json:"targets,omitempty"`
	// Value and Bound are the worst ones, in the unit that the code names.
	Value float64 `json:"value,omitempty"`
	Bound float64 `json:"bound,omitempty"`
}

// Severity orders advice: what puts the answer in doubt comes first.
type Severity string

// The severities.
const (
	Serious Severity = "serious" // the answer may be wrong
	Caution Severity = "caution" // the answer is less sharp, or holds for less
	Notice  Severity = "note"    // good to know
)

// entry is what is said and advised on one code.
type entry struct {
	severity Severity
	// unit of Value and Bound, as amount takes it.
	unit string
	// says has {value}, {bound} and {detail}.
	says    string
	do      string
	command string
	// lowIsWorse tells that the smallest value is the worst.
	lowIsWorse bool
}

// Advise turns warnings into advice: one element per code, the serious ones
// first, otherwise in the order in which they were first raised.
func Advise(warnings []ancmbench.Warning) []Advice {
	var order []ancmbench.WarningCode
	groups := map[ancmbench.WarningCode][]ancmbench.Warning{}
	for _, w := range warnings {
		if _, seen := groups[w.Code]; !seen {
			order = append(order, w.Code)
		}
		groups[w.Code] = append(groups[w.Code], w)
	}
	out := make([]Advice, 0, len(order))
	for _, code := range order {
		out = append(out, adviseOn(code, groups[code]))
	}
	rank := map[Severity]int{Serious: 0, Caution: 1, Notice: 2}
	slices.SortStableFunc(out, func(a, b Advice) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
	return out
}

func adviseOn(code ancmbench.WarningCode, ws []ancmbench.Warning) Advice {
	e, known := advice[code]
	if !known {
		e = entry{severity: Caution, says: "warning " + plain(string(code)) + ": {value} (bound {bound}) {detail}",
			do: "this results file is of a newer ancmbench; report with that one"}
	}
	worst := ws[0]
	a := Advice{Code: code, Severity: e.severity, Do: e.do, Command: e.command, Count: len(ws)}
	var details []string
	add := func(to *[]string, s string) {
		if s = plain(s); s != "" && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, w := range ws {
		if e.badness(w) > e.badness(worst) {
			worst = w
		}
		add(&a.Phases, w.Phase)
		add(&a.Targets, w.Target)
		add(&details, w.Detail)
	}
	a.Value, a.Bound = worst.Value, worst.Bound
	a.Text = strings.TrimSpace(strings.NewReplacer(
		"{value}", amount(worst.Value, e.unit),
		"{bound}", amount(worst.Bound, e.unit),
		"{detail}", strings.Join(details, "; ")).Replace(e.says))
	return a
}

// badness grows with how far a warning's value lies past its bound.
func (e entry) badness(w ancmbench.Warning) float64 {
	v := math.Abs(w.Value)
	if w.Bound > 0 {
		v /= w.Bound
	}
	if e.lowIsWorse {
		return -v
	}
	return v
}

// Where says how often and on what, when that tells something: "4 times, in
// latency, on out-of-process".
func (a Advice) Where() string {
	var words []string
	if a.Count > 1 {
		words = append(words, count(a.Count, "time", "times"))
	}
	if len(a.Phases) > 0 {
		words = append(words, "in "+list(a.Phases))
	}
	if len(a.Targets) > 0 {
		words = append(words, "on "+list(a.Targets))
	}
	return strings.Join(words, ", ")
}

// allWarnings are those of the run, of the host and of every result that
// counts, and those that only the whole file shows.
func allWarnings(run *ancmbench.Run, o *observations, a *Analysis) []ancmbench.Warning {
	all := append(slices.Clone(run.Warnings), run.Host.Warnings...)
	o.each(run, func(r *ancmbench.Result) {
		for _, w := range r.Warnings {
			if r.PhaseKind != ancmbench.Sweep || !ofSaturation(w.Code) {
				all = append(all, w)
			}
		}
	})
	raise := func(w ancmbench.Warning) {
		if !slices.ContainsFunc(all, func(x ancmbench.Warning) bool { return x.Code == w.Code }) {
			all = append(all, w)
		}
	}
	if n := len(o.voids); n > 0 {
		var reasons []string
		for _, r := range a.Trust.VoidReasons {
			reasons = append(reasons, plain(r.Reason)+" "+count(r.Count, "time", "times"))
		}
		raise(ancmbench.Warning{Code: ancmbench.WarnVoidTrials, Value: float64(n), Detail: list(reasons)})
	}
	if run.State != ancmbench.Complete {
		raise(ancmbench.Warning{Code: ancmbench.WarnInterrupted, Value: float64(run.LaunchesDone), Bound: float64(run.Profile.Launches)})
	}
	if a.Launches > 0 && a.Launches < fewLaunches {
		raise(ancmbench.Warning{Code: ancmbench.WarnFewLaunches, Value: float64(a.Launches), Bound: fewLaunches})
	}
	for _, s := range a.Statements {
		if strings.HasPrefix(s.Note, fewBeyond) && slices.Contains(a.headlineMetrics(), s.Metric) {
			raise(ancmbench.Warning{Code: ancmbench.WarnFewSamples, Phase: s.Phase, Detail: "(" + s.Title + ")",
				Value: float64(o.fewest(s)), Bound: needed(s.Metric)})
		}
	}
	return all
}

// fewest is the smallest number of samples that a fresh start has of either
// side of a latency statement.
func (o *observations) fewest(s Statement) int64 {
	n := int64(math.MaxInt64)
	at := scenario{s.Phase, ancmbench.Latency, s.Workload}
	for _, t := range []string{s.Baseline, s.Target} {
		for _, r := range o.series(at, t) {
			n = min(n, r.Response.Count())
		}
	}
	return n
}

// needed is how many samples a percentile needs for 10 to lie beyond it.
func needed(metric string) float64 {
	for name, beyond := range map[string]float64{"_p50_": 0.5, "_p90_": 0.1, "_p99_": 0.01} {
		if strings.Contains(metric, name) {
			return math.Round(ancmbench.MinBeyond / beyond)
		}
	}
	return ancmbench.MinBeyond
}

// fewLaunches is the number of fresh starts under which an interval is so wide
// that it seldom tells anything: at two, Student's t is 12.7.
const fewLaunches = 3
