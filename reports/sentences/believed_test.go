package sentences

import (
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
)

// One word and one reason: what weighs most comes first.
func TestBeliefWord(t *testing.T) {
	run := func(change func(*ancmbench.Run)) *ancmbench.Run {
		r := example.Models().Run()
		if change != nil {
			change(r)
		}
		return r
	}
	warned := func(code ancmbench.WarningCode, phase string) func(*ancmbench.Run) {
		return func(r *ancmbench.Run) {
			r.Warnings = append(r.Warnings, ancmbench.Warning{Code: code, Value: 0.3, Bound: 0.1, Phase: phase, Detail: "x"})
		}
	}
	one := example.Models()
	one.Launches = 1
	none := example.Models()
	none.Launches = 0
	for name, c := range map[string]struct {
		run          *ancmbench.Run
		word, reason string
	}{
		"clean":             {run(nil), Believed, "no check speaks against it, over 6 fresh starts."},
		"serious":           {run(warned(ancmbench.WarnLittle, "latency")), Doubted, "requests in flight and response times disagree by 30 % (Little's law, bound 10 %)."},
		"serious elsewhere": {run(warned(ancmbench.WarnLittle, "peak")), Believed, "no check speaks against it, over 6 fresh starts."},
		"caution":           {run(warned(ancmbench.WarnDrift, "latency")), MostlyBelieved, "the two halves of a phase differed by 35 % in their medians (bound 11 %)."},
		"interrupted":       {run(func(r *ancmbench.Run) { r.State = ancmbench.Running }), MostlyBelieved, "the run ended after 6 of 6 fresh starts."},
		"one fresh start":   {one.Run(), Doubted, "one fresh start gives no interval."},
		"nothing":           {none.Run(), NotYet, "no trial was counted."},
	} {
		if word, reason := BeliefWord(analysed(t, c.run)); word != c.word || reason != c.reason {
			t.Errorf("%s: %s: %s", name, word, reason)
		}
	}
}
