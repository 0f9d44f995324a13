package render

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/sentences"
)

// The first screen says whether the answer can be believed, and a doubt about the
// answer itself comes before one about another phase.
func TestBelief(t *testing.T) {
	warn := func(code ancmbench.WarningCode, phase string) ancmbench.Warning {
		return ancmbench.Warning{Code: code, Phase: phase, Value: 7, Bound: 6}
	}
	for _, c := range []struct {
		name     string
		warnings []ancmbench.Warning
		want     []string
		not      string
	}{
		{"nothing against it", nil, []string{"No check speaks against", "6 of 6 fresh starts", "no request failed",
			"a difference of the medians under about"}, "Doubtful"},
		{"a caution", []ancmbench.Warning{warn(ancmbench.WarnLag, "latency")}, []string{"Nothing puts the answer above in doubt; 1 warning says"}, "Doubtful"},
		{"doubt", []ancmbench.Warning{warn(ancmbench.WarnArrivals, "latency")}, []string{"Doubtful: requests were not sent"}, "other parts"},
		{"doubt about the run", []ancmbench.Warning{warn(ancmbench.WarnArrivals, "")}, []string{"Doubtful: requests were not sent"}, "other parts"},
		{"a caution elsewhere", []ancmbench.Warning{warn(ancmbench.WarnLag, "peak")}, []string{"No check speaks against"}, "less precise"},
		{"doubt elsewhere", []ancmbench.Warning{warn(ancmbench.WarnArrivals, "peak")}, []string{"1 serious warning is about other parts"}, "Doubtful"},
	} {
		run := example.Models().Run()
		run.Results[0].Warnings = c.warnings
		a := analysed(t, run)
		got := sentences.Belief(run, a)
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: lacks %q: %s", c.name, want, got)
			}
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: has %q: %s", c.name, c.not, got)
		}
		if page := htmlOf(t, run); !strings.Contains(page, "Can it be believed?") {
			t.Errorf("%s: the page does not say", c.name)
		}
	}
	many := example.Models()
	far := many.Arms[1]
	far.Name = "far"
	many.Arms = append(many.Arms, far)
	run := many.Run()
	if got := sentences.Belief(run, analysed(t, run)); strings.Contains(got, "would not have been detected") {
		t.Errorf("many targets, and one smallest effect: %s", got)
	}
	if got := sentences.Belief(&ancmbench.Run{}, &figures.Analysis{}); got != "" {
		t.Errorf("nothing measured: %q", got)
	}
}
