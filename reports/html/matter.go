package html

import (
	"fmt"
	"math"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/sentences"
	"ancmbench/reports/words"
)

// matterView answers "does it matter?": the penalty as a share of the response time.
type matterView struct {
	Sentence string
	Work     []string
	Share    []matterCell
	How      []string
	Note     string
}

type matterCell struct {
	Text  string
	Class string
}

// newMatter returns nil where no penalty on the median was measured.
func newMatter(a *figures.Analysis, s figures.Statement) *matterView {
	if s.Unit != "seconds" {
		return nil
	}
	ms := figures.Matters(s, curveOf(a, s.Target))
	if len(ms) == 0 {
		return nil
	}
	what := "penalty"
	if a.Models[s.Target] == ancmbench.OutOfProcess && a.Models[s.Baseline] == ancmbench.InProcess {
		what = figures.LoopbackPenalty
	}
	if len(a.Targets) > 1 && a.Breakdown == nil {
		what += " of " + words.Short(s.Target, 24)
	}
	v := &matterView{Sentence: unbroken(fmt.Sprintf("Share of the response time that is the %s, by the app's own work on a request:", what))}
	calculated, undetected := false, false
	for _, m := range ms {
		v.Work = append(v.Work, fmt.Sprintf("%g ms", math.Round(m.Work*1e6)/1e3))
		v.Share = append(v.Share, shareCell(m))
		v.How = append(v.How, map[bool]string{true: "measured", false: "calculated"}[m.Measured])
		calculated, undetected = calculated || !m.Measured, undetected || m.Share.Interval != nil && !m.Detected()
	}
	if calculated {
		v.Note = "Calculated: as if the penalty were the same for every app; profile curve measures it. "
	}
	if undetected {
		v.Note += "~ may as well be nothing: its 95 % interval includes zero. "
	}
	v.Note += "The larger the share, the more it matters."
	return v
}

// shareCell writes "47 %", and how much that is as a class.
func shareCell(m figures.Matter) matterCell {
	p := m.Rounded()
	text := fmt.Sprintf("%g\u00a0%%", p)
	if math.Abs(p) < 0.1 {
		text = "<\u00a00.1\u00a0%"
	}
	switch {
	case m.Share.Interval != nil && !m.Detected():
		return matterCell{text + "\u00a0~", "unknown"}
	case p < 0:
		return matterCell{text, "gain"}
	case p < 1:
		return matterCell{text, "little"}
	case p < 10:
		return matterCell{text, "some"}
	}
	return matterCell{text, "much"}
}

// curveOf returns the curve of a target, and nil if it has none.
func curveOf(a *figures.Analysis, target string) *figures.Curve {
	for i := range a.Curve {
		if a.Curve[i].Target == target {
			return &a.Curve[i]
		}
	}
	return nil
}

// beliefView answers "can it be believed?".
type beliefView struct{ Word, Class, Reason string }

func newBelief(a *figures.Analysis) *beliefView {
	word, reason := sentences.BeliefWord(a)
	class := map[string]string{sentences.Believed: "good", sentences.MostlyBelieved: "caution"}[word]
	if class == "" {
		class = "serious"
	}
	return &beliefView{word, class, unbroken(reason)}
}
