package sentences

import (
	"fmt"
	"strings"

	"ancmbench"
	"ancmbench/reports/advice"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// Belief answers "can it be believed?" in two or three sentences for the first screen: what
// speaks against the answer, and what it rests on. It is empty if there is no answer yet.
func Belief(run *ancmbench.Run, a *figures.Analysis) string {
	if a.Launches == 0 || len(a.Targets) == 0 {
		return ""
	}
	return strings.Join([]string{against(a), restsOn(run, a)}, " ")
}

// The words of BeliefWord.
const (
	Believed       = "Yes"
	MostlyBelieved = "Mostly"
	Doubted        = "Doubtful"
	NotYet         = "Not yet"
)

// BeliefWord answers "can it be believed?" in one word, with one reason.
func BeliefWord(a *figures.Analysis) (word, reason string) {
	if a.Launches == 0 {
		return NotYet, "no trial was counted."
	}
	d := doubts(a)
	starts := words.Count(a.Launches, "fresh start", "fresh starts")
	switch {
	case len(d.serious) > 0:
		return Doubted, d.serious[0] + "."
	case a.Launches == 1:
		return Doubted, "one fresh start gives no interval."
	case len(d.cautions) > 0:
		return MostlyBelieved, d.cautions[0] + "."
	}
	return Believed, "no check speaks against it, over " + starts + "."
}

// doubt is what speaks against the answer: serious warnings and cautions on the answer's
// own phase, and how many serious ones there are on other phases.
type doubt struct {
	serious, cautions []string
	elsewhere         int
}

func doubts(a *figures.Analysis) doubt {
	var d doubt
	phase := ""
	if len(a.Targets) > 0 {
		s, _ := a.Statement(a.Median(), a.Targets[0])
		phase = s.Phase
	} else if s, ok := a.SeriesOf(a.Median(), a.Baseline); ok {
		phase = s.Phase
	}
	for _, w := range a.Warnings {
		switch {
		case w.Severity == advice.Caution && isAbout(w, phase):
			d.cautions = append(d.cautions, w.Text)
		case w.Severity != advice.Serious:
		case isAbout(w, phase):
			d.serious = append(d.serious, w.Text)
		default:
			d.elsewhere++
		}
	}
	if said := failing(a.Trust); said != "" {
		if len(a.Trust.Gone) > 0 {
			d.serious = append([]string{said}, d.serious...)
		} else {
			d.serious = append(d.serious, said)
		}
	}
	return d
}

// against returns what makes the answer doubtful: a serious warning on the answer's own
// phase weighs more than one on another phase.
func against(a *figures.Analysis) string {
	d := doubts(a)
	more := ""
	if d.elsewhere > 0 {
		more = fmt.Sprintf(" %s about other parts of this page.", words.Count(d.elsewhere, "serious warning is", "serious warnings are"))
	}
	switch here := len(d.serious); {
	case here > 1:
		return fmt.Sprintf("Doubtful: %s; and %s.%s", d.serious[0], words.Count(here-1, "further serious warning", "further serious warnings"), more)
	case here == 1:
		return fmt.Sprintf("Doubtful: %s.%s", d.serious[0], more)
	case len(d.cautions) > 0:
		return fmt.Sprintf("Nothing puts the answer above in doubt; %s that it is less precise than it could be.%s",
			words.Count(len(d.cautions), "warning says", "warnings say"), more)
	}
	return "No check speaks against the answer above." + more
}

// failing returns that requests failed so often that trials were discarded; "" if they did
// not. What counts is then what was measured while they did not fail.
func failing(t figures.Trust) string {
	switch n := t.FailedTrials(); {
	case len(t.Gone) > 0:
		return goneWords(t)
	case n > 0:
		return fmt.Sprintf("%s discarded because requests failed (%s)", words.Count(n, "trial was", "trials were"), figures.FailureWords(t.Failures))
	}
	return ""
}

// goneWords returns which targets no longer answered.
func goneWords(t figures.Trust) string {
	said := words.Plain(words.List(t.Gone)) + " no longer answered when last asked"
	if causes := figures.FailureWords(t.Failures); causes != "" {
		said += " (" + causes + ")"
	}
	return said
}

// isAbout reports whether advice is on a phase, or on the whole run.
func isAbout(a advice.Advice, phase string) bool {
	for _, p := range a.Phases {
		if p == words.Plain(phase) {
			return true
		}
	}
	return len(a.Phases) == 0
}

// restsOn returns the evidence: fresh starts, failed requests, and how much two copies of
// one target differed.
func restsOn(run *ancmbench.Run, a *figures.Analysis) string {
	t := a.Trust
	said := []string{figures.ProgressOf(run)}
	if t.VoidTrials > 0 {
		said = append(said, words.Count(t.VoidTrials, "trial was", "trials were")+" discarded")
	}
	switch {
	case t.Errors > 0:
		said = append(said, fmt.Sprintf("%s of %s requests failed", words.Grouped(float64(t.Errors)), words.Grouped(float64(t.Sent))))
	case t.Sent > 0:
		said = append(said, "no request failed")
	}
	name := a.Median()
	twin := false
	for _, s := range a.Noise {
		if s.Metric == name && s.Ratio != nil {
			said = append(said, fmt.Sprintf("a second copy of %s came out at %s of the first", words.Plain(a.Baseline), stats.Ratio(s.Ratio)))
			twin = true
			break
		}
	}
	// Of many targets each has its own, and its interval says the same.
	if s, ok := a.Statement(name, a.Targets[0]); ok && s.Smallest != nil && !twin && len(a.Targets) == 1 {
		said = append(said, "a difference of the medians under about "+words.Effect(s.Smallest.Share)+" would not have been detected")
	}
	return "It rests on " + strings.Join(said, "; ") + "."
}

// OfTheCurve returns the sentences of a curve that an answer needs: from which app time
// on the penalty hardly counts.
func OfTheCurve(a *figures.Analysis) []string {
	var out []string
	for i := range a.Curve {
		for _, f := range a.Curve[i].Fades {
			if f.Share == figures.FadeShares[0] {
				out = append(out, FadeSentence(f, a.Curve[i].Target))
			}
		}
	}
	return out
}
