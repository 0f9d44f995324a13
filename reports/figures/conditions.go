package figures

import (
	"fmt"
	"slices"
	"strings"

	"ancmbench"
	"ancmbench/reports/words"
)

// Ended says in parentheses why a run ended; empty if it gives no reason.
func Ended(run *ancmbench.Run) string {
	if run.Reason == "" {
		return ""
	}
	return " (" + words.Plain(run.Reason) + ")"
}

// LoopbackPenalty is what out-of-process costs more than in-process.
const LoopbackPenalty = "loopback penalty"

// PenaltyOf returns the word for what a target costs more than the run's baseline:
// LoopbackPenalty for out-of-process against in-process, and "penalty" for all others.
func PenaltyOf(run *ancmbench.Run, target string) string {
	if len(run.Targets) == 0 || run.Targets[0].Model != ancmbench.InProcess {
		return "penalty"
	}
	for _, t := range run.Targets {
		if t.Name == target && t.Model == ancmbench.OutOfProcess {
			return LoopbackPenalty
		}
	}
	return "penalty"
}

// TitleOf returns SubjectLine after the name of what was measured; a target that was
// measured alone has no penalty.
func TitleOf(run *ancmbench.Run, a *Analysis) string {
	switch subject := SubjectLine(run, a); {
	case len(a.Breakdown.Parts()) > 0 || len(a.Targets) == 1 && PenaltyOf(run, a.Targets[0]) == LoopbackPenalty:
		return "Loopback penalty: " + subject
	case len(a.Targets) > 0:
		return "Penalty: " + subject
	default:
		return subject
	}
}

// SubjectLine says what was compared with what.
func SubjectLine(run *ancmbench.Run, a *Analysis) string {
	if len(a.Breakdown.Parts()) > 0 {
		p := a.Breakdown.Penalty[0]
		return words.Short(p.Target, 30) + " against " + words.Short(p.Baseline, 30) + ", taken apart"
	}
	names := make([]string, 0, len(a.Targets))
	for _, t := range a.Targets {
		names = append(names, words.Short(t, 30))
	}
	what := words.Short(a.Baseline, 30)
	switch {
	case len(names) > 3:
		what = fmt.Sprintf("%d targets against %s", len(names), what)
	case len(names) > 0:
		what = words.List(names) + " against " + what
	}
	return what
}

// EndedBy says what kept a run that ended in order from all its fresh starts.
func EndedBy(run *ancmbench.Run) string {
	if run.State != ancmbench.Complete || run.Reason == "" || run.LaunchesDone >= run.Profile.Launches {
		return ""
	}
	return " (" + words.Plain(run.Reason) + ")"
}

// Starts returns a number of fresh starts in words: of rounds, if no target was restarted
// for them.
func Starts(run *ancmbench.Run, n int) string {
	if len(run.Targets) > 0 && !slices.ContainsFunc(run.Targets, func(t ancmbench.TargetInfo) bool { return !t.AlreadyRunning }) {
		return words.Count(n, "round", "rounds")
	}
	return words.Count(n, "fresh start", "fresh starts")
}

// ProgressOf says how far a run came.
func ProgressOf(run *ancmbench.Run) string {
	begun := 0 // with those that do not count
	for i := range run.Results {
		begun = max(begun, run.Results[i].Launch+1)
	}
	if run.State == ancmbench.Complete && run.Reason == "" && 0 < run.LaunchesDone && begun < run.Profile.Launches {
		// It was to stop once it knew.
		return fmt.Sprintf("%d of at most %s", run.LaunchesDone, Starts(run, run.Profile.Launches))
	}
	if run.Profile.Launches > 0 {
		return fmt.Sprintf("%d of %s", run.LaunchesDone, Starts(run, run.Profile.Launches))
	}
	return Starts(run, run.LaunchesDone)
}

// About names what was measured, as every report does: the subject, and the program
// of the user's where there is one.
func About(run *ancmbench.Run) string { return SubjectWords(run.Subject, run.Program, OwnServers(run)) }

// OwnServers returns the names of the targets that are servers of the user's, without twins.
func OwnServers(run *ancmbench.Run) (names []string) {
	for _, t := range run.Targets {
		if t.Model == "" && t.TwinOf == "" {
			names = append(names, t.Name)
		}
	}
	return names
}

// mostNamed is how many servers of the user's a subject names.
const mostNamed = 6

// SubjectWords names what was measured: the program of the user's if there is one, and the
// user's servers, which may be unknown.
func SubjectWords(subject ancmbench.Subject, program string, servers []string) string {
	said := words.Plain(string(subject))
	switch {
	case subject == ancmbench.SubjectProgram && program != "":
		return "your program (" + words.Short(program, 60) + ") behind our module (Go, not IIS)"
	case program != "" && strings.HasSuffix(said, "."): // it is several sentences
		return said + " The app: " + words.Short(program, 60)
	case program != "":
		return said + ": " + words.Short(program, 60)
	case len(servers) == 0 || subject != ancmbench.SubjectServers && subject != ancmbench.SubjectBoth:
		return said
	}
	var named []string
	for _, name := range servers[:min(len(servers), mostNamed)] {
		named = append(named, words.Short(name, 30))
	}
	if more := len(servers) - len(named); more > 0 {
		named = append(named, fmt.Sprintf("and %d more", more))
	}
	return said + ": " + strings.Join(named, ", ")
}

// Conditions returns the conditions of a statement, apart from the rate: connections, engine
// and dealing of the headline's results.
func Conditions(run *ancmbench.Run) string {
	for i := range run.Results {
		r := &run.Results[i]
		if r.Void != "" || r.PhaseKind != ancmbench.Latency {
			continue
		}
		said := []string{}
		if r.Arrivals.Kind != "" {
			said = append(said, string(r.Arrivals.Kind)+" arrivals")
		}
		if r.Connections > 0 {
			said = append(said, words.Count(r.Connections, "connection", "connections")+" each")
		}
		if r.Engine != "" {
			said = append(said, "engine "+words.Plain(r.Engine))
		}
		said = append(said, Dealing(r.Dealing))
		if len(run.Targets) > 0 {
			if over := spokenTo(run.Targets[0]); over != "" {
				said = append(said, words.Plain(run.Targets[0].Front)+" front "+over)
			}
		}
		return strings.Join(said, ", ")
	}
	return ""
}

// spokenTo returns how a bundled model is reached, and through which modules, where that is
// not plain HTTP/1.1. All models of a run are reached alike.
func spokenTo(t ancmbench.TargetInfo) string {
	said := map[string]string{"https": "over TLS (HTTP/1.1)", "h2": "over TLS (HTTP/2)", "h2c": "with HTTP/2 without TLS"}[t.Protocol]
	if len(t.Native) == 0 {
		return said
	}
	var modules []string
	for _, n := range t.Native {
		modules = append(modules, words.Plain(n))
	}
	return strings.TrimSpace(said + " behind " + words.List(modules))
}

// Dealing returns the name of a dealing for users.
func Dealing(d ancmbench.Dealing) string {
	switch d.Kind {
	case ancmbench.Slices:
		if d.Slice > 0 {
			return "alternating every " + words.Span(d.Slice.D())
		}
		return "alternating"
	case ancmbench.Duel:
		return "request-by-request A/B"
	default:
		return "one target at a time"
	}
}
