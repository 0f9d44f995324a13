package html

import (
	"io"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/reports/charts"
	"ancmbench/reports/figures"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// Run writes the page of a run, with the files that the reader may take out of it.
func Run(w io.Writer, run *ancmbench.Run, a *figures.Analysis, files ...File) error {
	p := Page{Title: figures.TitleOf(run, a), Subject: figures.About(run), Facts: factsOf(run), Lead: leadOf(run, a), Files: files, Most: mostOf(run)}
	p.Sections = sectionsOf(run, a, nil)
	return p.Write(w)
}

// shortRun is how long a run takes at most whose page is to be light: it has so little data
// that all of it fits, unless the machine was so restless that no two times are alike.
const shortRun = 2 * time.Minute

// mostOf returns the bytes that the page of a run may take: somewhat under 400 kB for a
// short one.
func mostOf(run *ancmbench.Run) int {
	if run.Elapsed.D() <= shortRun {
		return 390_000
	}
	return mostPage
}

// sectionsOf returns the sections of a run in the order in which they are read. margins are
// a gate's.
func sectionsOf(run *ancmbench.Run, a *figures.Analysis, margins charts.Margins) []*Section {
	return shown(
		headlineSection(run, a),
		ratiosSection(a, margins),
		latencySection(a),
		overTimeSection(a),
		throughputSection(a),
		cpuSection(a),
		breakdownSection(a),
		curveSection(a),
		memorySection(a),
		startsSection(a),
		warmupSection(a),
		recoverySection(a),
		trustSection(run, a),
		warningsSection(a),
		checksSection(a),
		metricsSection(a),
		loadHostsSection(run),
		processesSection(run),
		machineSection(run),
		methodSection(run, a),
		glossarySection(),
		publishedSection(run),
		filesSection(),
	)
}

// factsOf returns the conditions of a run, for under the title.
func factsOf(run *ancmbench.Run) []string {
	said := "Profile " + words.Plain(run.Profile.Name)
	if c := figures.Conditions(run); c != "" {
		said += ", " + c
	}
	if !run.Started.IsZero() {
		said += ". Measured " + run.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	if run.Elapsed > 0 {
		said += ", in " + strings.ReplaceAll(words.Span(run.Elapsed.D()), " ", "\u00a0")
	}
	out := []string{unbroken(said + ".")}
	if built := figures.BuiltFrom(run.Targets); built != "" {
		out = append(out, "Built from "+built)
	}
	return out
}

// leadOf returns the first screen of a run.
func leadOf(run *ancmbench.Run, a *figures.Analysis) Lead {
	told := sentences.Tell(run, a)
	l := Lead{Alerts: allUnbroken(told.Alerts), Answer: unbroken(told.Main), NotShown: notShown(run, a)}
	if a.Launches == 0 {
		return l
	}
	l.Belief = newBelief(a)
	if s, ok := pairOf(run, a, a.Median()); ok {
		l.Matter = newMatter(a, s)
	}
	l.Cards = cardsOf(run, a)
	return l
}

// shownTarget is the target that the first screen is about: out-of-process where in-process
// was measured too, else the first.
func shownTarget(run *ancmbench.Run, a *figures.Analysis) string {
	target := a.Targets[0]
	for _, t := range a.Targets {
		if figures.PenaltyOf(run, t) == figures.LoopbackPenalty {
			target = t
		}
	}
	return target
}

// pairOf returns the statement that the first screen is about.
func pairOf(run *ancmbench.Run, a *figures.Analysis, metric string) (figures.Statement, bool) {
	if a.Breakdown != nil {
		for _, s := range a.Breakdown.Penalty {
			if s.Metric == metric {
				return s, true
			}
		}
		return figures.Statement{}, false
	}
	if len(a.Targets) == 0 {
		return figures.Statement{}, false
	}
	return a.Statement(metric, shownTarget(run, a))
}

// notShown says what a reader might take from the page that is not in it.
func notShown(run *ancmbench.Run, a *figures.Analysis) string {
	var said []string
	switch run.Subject {
	case ancmbench.SubjectReference, ancmbench.SubjectBoth:
		said = append(said, "IIS or .NET themselves: the hosting models are references in Go")
	case ancmbench.SubjectProgram:
		said = append(said, "IIS itself: the module in front of your program is a reference in Go")
	}
	if run.Subject.Dotnet() {
		said = append(said, "IIS or Windows: front and module are references in Go, and only the app and its server are Microsoft's")
	}
	said = append(said, "other machines, and clients across a network")
	if !slices.ContainsFunc(a.Curve, func(c figures.Curve) bool { return len(c.Points) > 0 }) {
		said = append(said, "apps with other work or larger bodies than this request's")
	}
	if s, ok := pairOf(run, a, a.Median()); ok && s.Rate > 0 {
		other := "rates other than "
		if slices.ContainsFunc(a.Curve, func(c figures.Curve) bool { return len(c.Sweep) > 0 }) {
			other = "CPU and memory at " + other // latency at other rates is swept
		}
		said = append(said, other+words.Rate(s.Rate))
	}
	text := strings.Join(said, "; ") + "."
	return unbroken(capital(text))
}

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
