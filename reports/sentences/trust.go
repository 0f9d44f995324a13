package sentences

import (
	"fmt"
	"strings"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/stats"
	"ancmbench/reports/words"
)

// TrustLine says how the generator did, how many fresh starts there were, and
// how noisy the host was.
func TrustLine(run *ancmbench.Run, a *figures.Analysis) string {
	t := a.Trust
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if t.GeneratorCores != nil {
		say("generator %s of a core", words.Percent(*t.GeneratorCores))
	}
	if t.LagP50 != nil {
		lag := "send lag p50 " + words.Amount(t.LagP50.Float(), "seconds")
		if t.LagP99 != nil {
			lag += ", p99 " + words.Amount(t.LagP99.Float(), "seconds")
		}
		said = append(said, lag)
	}
	said = append(said, figures.ProgressOf(run)+figures.EndedBy(run), words.Count(t.VoidTrials, "discarded trial", "discarded trials"))
	if t.Errors > 0 {
		failed := fmt.Sprintf("%s of %s requests failed", words.Grouped(float64(t.Errors)), words.Grouped(float64(t.Sent)))
		if causes := figures.FailureWords(t.Failures); causes != "" {
			failed += " (" + causes + ")"
		}
		said = append(said, failed)
	}
	if t.Spread != nil {
		say("p50 of %s varied by %s between fresh starts (SD)", words.Plain(a.Baseline), words.Percent(*t.Spread))
	}
	switch {
	case t.StealMean == nil:
	case *t.StealMax == 0:
		say("no steal")
	default:
		say("steal %s, at most %s", words.Percent(*t.StealMean), words.Percent(*t.StealMax))
	}
	if t.OtherLoadMean != nil {
		say("other programs %s of all cores", words.Percent(*t.OtherLoadMean))
	}
	said = append(said, noise(a)...)
	if a.Engines != nil {
		said = append(said, a.Engines.Sentence())
	}
	return strings.Join(said, "; ")
}

// noise says what twins of the baseline showed, and the smallest detectable difference.
func noise(a *figures.Analysis) []string {
	var said []string
	name := a.Median()
	for _, s := range a.Noise {
		if s.Metric == name && s.Ratio != nil {
			said = append(said, "A/A "+stats.Ratio(s.Ratio))
			break
		}
	}
	for _, t := range a.Targets {
		s, ok := a.Statement(name, t)
		if !ok || s.Smallest == nil {
			continue
		}
		from := "from A/A"
		if s.Smallest.From == "interval" {
			from = "the interval's half-width"
		}
		return append(said, fmt.Sprintf("smallest detectable difference of the median here: about %s (%s)", words.Effect(s.Smallest.Share), from))
	}
	return said
}
