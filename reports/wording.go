package reports

import (
	"fmt"
	"strings"

	"ancmbench"
)

// Same marks a ratio whose interval includes 1: no difference is told.
const Same = "~"

// title is a row's name: the metric, and what its memory was read as.
func title(s Statement) string {
	if s.Basis == "PSS" || s.Basis == "RSS" {
		return s.Title + " (" + s.Basis + ")"
	}
	return s.Title
}

// value writes an estimate's centre, or "-".
func value(e *Estimate, unit string) string {
	if e == nil {
		return absent
	}
	return amount(e.Value, unit)
}

func difference(s Statement) string {
	if s.Difference == nil {
		return absent
	}
	return signed(s.Difference.Value, s.Unit)
}

// ratio writes "2.31x [2.20, 2.43]"; a target that has less is "2.27x less
// [2.12, 2.44]" rather than 0.44x; and where the interval includes 1, "~".
func ratio(s Statement) string {
	if s.Ratio == nil {
		return absent
	}
	e, less := turned(*s.Ratio)
	word := ""
	if less {
		word = " less"
	}
	if e.Interval == nil {
		return times(e.Value, 0) + "x" + word
	}
	tail := ""
	if !s.Told() {
		tail = " " + Same
	}
	return times(e.Value, e.half()) + "x" + word + " " + bounds(e) + tail
}

// turned gives the inverse of a ratio that is told to be less than 1, or that
// is less and has no interval.
func turned(e Estimate) (Estimate, bool) {
	if e.Interval == nil {
		if e.Value < 1 {
			return Estimate{Value: 1 / e.Value}, true
		}
		return e, false
	}
	if e.Interval.High >= 1 {
		return e, false
	}
	return Estimate{Value: 1 / e.Value,
		Interval: &Interval{Low: 1 / e.Interval.High, High: 1 / e.Interval.Low}}, true
}

func (e Estimate) half() float64 {
	if e.Interval == nil {
		return 0
	}
	return (e.Interval.High - e.Interval.Low) / 2
}

// bounds writes "[2.20, 2.43]".
func bounds(e Estimate) string {
	h := e.half()
	return "[" + times(e.Interval.Low, h) + ", " + times(e.Interval.High, h) + "]"
}

// judgement is one word on a statement for a table.
func judgement(s Statement) string {
	switch {
	case s.Launches == 0 && s.Note != "":
		return s.Note
	case s.Launches == 0 || s.Ratio == nil && s.Difference == nil:
		return "not measured"
	case s.Launches == 1:
		return "one fresh start: no interval"
	case !s.Told():
		return "no difference told"
	case s.Worse():
		return "worse"
	default:
		return "a gain"
	}
}

// subjectLine says what was compared with what.
func subjectLine(run *ancmbench.Run, a *Analysis) string {
	if len(a.Breakdown.metrics()) > 0 {
		p := a.Breakdown.Penalty[0]
		return short(p.Target, 30) + " against " + short(p.Baseline, 30) + ", taken apart"
	}
	names := make([]string, 0, len(a.Targets))
	for _, t := range a.Targets {
		names = append(names, short(t, 30))
	}
	what := short(a.Baseline, 30)
	switch {
	case len(names) > 3:
		what = fmt.Sprintf("%d targets against %s", len(names), what)
	case len(names) > 0:
		what = list(names) + " against " + what
	}
	return what
}

// endedBy says what kept a run that ended in order from all its fresh starts.
func endedBy(run *ancmbench.Run) string {
	if run.State != ancmbench.Complete || run.Reason == "" || run.LaunchesDone >= run.Profile.Launches {
		return ""
	}
	return " (" + plain(run.Reason) + ")"
}

// progressOf says how far a run came.
func progressOf(run *ancmbench.Run) string {
	begun := 0 // with those that do not count
	for i := range run.Results {
		begun = max(begun, run.Results[i].Launch+1)
	}
	if run.State == ancmbench.Complete && run.Reason == "" && 0 < run.LaunchesDone && begun < run.Profile.Launches {
		// It was to stop once it knew.
		return fmt.Sprintf("%d of at most %s", run.LaunchesDone, count(run.Profile.Launches, "fresh start", "fresh starts"))
	}
	if run.Profile.Launches > 0 {
		return fmt.Sprintf("%d of %s", run.LaunchesDone, count(run.Profile.Launches, "fresh start", "fresh starts"))
	}
	return count(run.LaunchesDone, "fresh start", "fresh starts")
}

// about names what was measured, as every report does: the subject, and the program
// of the user's where there is one.
func about(run *ancmbench.Run) string { return subjectWords(run.Subject, run.Program) }

func subjectWords(subject ancmbench.Subject, program string) string {
	if program == "" {
		return plain(string(subject))
	}
	return plain(string(subject)) + ": " + short(program, 60)
}

// conditions is what a statement holds for, beside the rate: connections,
// engine and dealing of the headline's results.
func conditions(run *ancmbench.Run) string {
	for i := range run.Results {
		r := &run.Results[i]
		if r.Void != "" || r.PhaseKind != ancmbench.Latency {
			continue
		}
		words := []string{}
		if r.Arrivals.Kind != "" {
			words = append(words, string(r.Arrivals.Kind)+" arrivals")
		}
		if r.Connections > 0 {
			words = append(words, count(r.Connections, "connection", "connections")+" each")
		}
		if r.Engine != "" {
			words = append(words, "engine "+plain(r.Engine))
		}
		words = append(words, dealing(r.Dealing))
		if len(run.Targets) > 0 {
			if over := spokenTo(run.Targets[0]); over != "" {
				words = append(words, plain(run.Targets[0].Front)+" front "+over)
			}
		}
		return strings.Join(words, ", ")
	}
	return ""
}

// spokenTo says how a bundled model is reached, and through what, where it is not
// HTTP/1.1 alone; all models of a run are reached alike.
func spokenTo(t ancmbench.TargetInfo) string {
	words := map[string]string{"https": "over TLS (HTTP/1.1)", "h2": "over TLS (HTTP/2)", "h2c": "with HTTP/2 without TLS"}[t.Protocol]
	if len(t.Native) == 0 {
		return words
	}
	var modules []string
	for _, n := range t.Native {
		modules = append(modules, plain(n))
	}
	return strings.TrimSpace(words + " behind " + list(modules))
}

// dealing is in users' words (DESIGN.md, "Words that users see").
func dealing(d ancmbench.Dealing) string {
	switch d.Kind {
	case ancmbench.Slices:
		if d.Slice > 0 {
			return "alternating every " + Span(d.Slice.D())
		}
		return "alternating"
	case ancmbench.Duel:
		return "request-by-request A/B"
	default:
		return "one target at a time"
	}
}
