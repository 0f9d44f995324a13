package advice

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/words"
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

// Severity orders advice: what makes the answer doubtful comes first.
type Severity string

// The severities.
const (
	Serious Severity = "serious" // the answer may be wrong
	Caution Severity = "caution" // the answer is less precise, or applies to less
	Notice  Severity = "note"    // for information
)

// entry has the sentence and the advice of one code.
type entry struct {
	severity Severity
	// says has all that the code carries: {value}, {bound} and {detail}.
	says string
	// silent is the detail of a warning that has none, as in a results file of before it
	// had one.
	silent  string
	do      string
	command string
	// own says that the detail has further figures of the place where Value was
	// measured: only the detail of the worst place is printed.
	own bool
}

// Advise turns warnings into advice. It returns one element per code, the serious ones
// first, otherwise in the order in which they were first raised.
func Advise(warnings []ancmbench.Warning) []Advice {
	var order []ancmbench.WarningCode
	groups := map[ancmbench.WarningCode][]ancmbench.Warning{}
	for _, w := range warnings {
		w = w.Renewed()
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
	facts := ancmbench.Warnings[code]
	e, known := advice[code]
	if !known {
		e = entry{severity: Caution, says: "warning " + words.Plain(string(code)) + ": {value} (bound {bound}) {detail}",
			do: "this results file is of a newer ancmbench; report with that one"}
	}
	worst := ws[0]
	a := Advice{Code: code, Severity: e.severity, Do: e.do, Command: e.command, Count: len(ws)}
	var details []string
	add := func(to *[]string, s string) {
		if s = words.Plain(s); s != "" && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, w := range ws {
		if badness(w) > badness(worst) {
			worst = w
		}
		add(&a.Phases, w.Phase)
		add(&a.Targets, w.Target)
		add(&details, cmp.Or(w.Detail, e.silent))
	}
	if e.own {
		details = nil
		add(&details, cmp.Or(worst.Detail, e.silent))
	}
	a.Value, a.Bound = worst.Value, worst.Bound
	a.Text = strings.TrimSpace(strings.NewReplacer(
		"{value}", words.Amount(worst.Value, facts.Unit),
		"{bound}", words.Amount(worst.Bound, facts.Unit),
		"{detail}", strings.Join(details, "; ")).Replace(e.says))
	return a
}

// badness returns how far a warning's value lies past its bound; larger is worse.
func badness(w ancmbench.Warning) float64 {
	v := math.Abs(w.Value)
	if w.Bound > 0 {
		v /= w.Bound
	}
	if ancmbench.Warnings[w.Code].LowIsWorse {
		return -v
	}
	return v
}

// Where returns how often and on what a warning was raised: "4 times, in latency, on
// out-of-process". It is empty if that adds nothing.
func (a Advice) Where() string {
	var said []string
	if a.Count > 1 {
		said = append(said, words.Count(a.Count, "time", "times"))
	}
	if len(a.Phases) > 0 {
		said = append(said, "in "+words.List(a.Phases))
	}
	if len(a.Targets) > 0 {
		said = append(said, "on "+words.List(a.Targets))
	}
	return strings.Join(said, ", ")
}
