package sentences

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

// What the sentences say of a penalty, a gain, nothing detected, and too little.
func TestAnswerWords(t *testing.T) {
	swap := func(s example.Scene) example.Scene {
		s.Arms[0], s.Arms[1] = s.Arms[1], s.Arms[0]
		return s
	}
	same := example.Models()
	same.Arms[1] = same.Arms[0]
	same.Arms[1].Name = "copy"
	one := example.Models()
	one.Launches = 1
	none := example.Models()
	none.Launches = 0
	for _, c := range []struct {
		name string
		run  *ancmbench.Run
		want []string
		not  []string
	}{
		{"penalty", example.Models().Run(), []string{"out-of-process is 2.2", "that of in-process", "costs 0.0", "more at that rate", "more memory", "The loopback penalty at 400 requests/s", "6 fresh starts"}, []string{"gain", "less"}},
		{"gain", swap(example.Models()).Run(), []string{"in-process is 2.2", "x less than that of out-of-process, a gain", "saves 0.0", "less memory"}, []string{"costs"}},
		{"same", same.Run(), []string{"no difference was detected", "includes 1", "No difference in CPU was detected for copy", "No difference in memory"}, []string{"gain", "costs", "saves"}},
		{"one", one.Run(), []string{"from one fresh start, so no interval can be given"}, []string{"95 %"}},
		{"none", none.Run(), []string{"No counted result yet: 0 of 6 fresh starts done."}, []string{"x"}},
	} {
		got := strings.Join(Answer(c.run, analysed(t, c.run)), " ")
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in: %s", c.name, w, got)
			}
		}
		for _, w := range c.not {
			if strings.Contains(got, w) {
				t.Errorf("%s: %q in: %s", c.name, w, got)
			}
		}
	}
}

// Where the intervals of difference and ratio disagree, the sentence follows the
// ratio's, which is the headline.
func TestTheCPUSentenceFollowsTheRatio(t *testing.T) {
	of := func(ratio, low, high, cores, from, to float64) *figures.Analysis {
		return &figures.Analysis{Baseline: "in", Targets: []string{"out"}, Statements: []figures.Statement{{Metric: "cpu_seconds_per_request", Unit: "seconds", Target: "out", Launches: 2,
			Better: ancmbench.Lower, Ratio: &stats.Estimate{Value: ratio, Interval: &stats.Interval{Low: low, High: high}},
			Difference: &stats.Estimate{Value: cores / 400}, Cores: &stats.Estimate{Value: cores, Interval: &stats.Interval{Low: from, High: to}}}}}
	}
	for name, c := range map[string]struct {
		a    *figures.Analysis
		says string
		not  string
	}{
		"ratio alone":      {of(2.69, 1.30, 5.57, 0.03, -0.01, 0.07), "It takes 2.69x [1.30, 5.57] the CPU at that rate (+0.030 cores).", "o difference"},
		"less, alone":      {of(0.5, 0.3, 0.8, -0.03, -0.07, 0.01), "It takes 0.50x", "costs"},
		"difference alone": {of(1.2, 0.9, 1.6, 0.03, 0.01, 0.05), "No difference in CPU was detected for out at that rate (+0.030 cores, the ratio's 95 % interval, 0.90 to 1.60, includes 1).", "costs"},
		"both":             {of(1.2, 1.1, 1.3, 0.03, 0.01, 0.05), "It costs 0.030 cores [0.010, 0.050] more", "o difference"},
		"neither":          {of(1.2, 0.9, 1.6, 0.03, -0.01, 0.07), "No difference in CPU was detected for out at that rate (+0.030 cores, 95 % interval", "costs"},
	} {
		if got := costSentence(c.a, "out", false); !strings.Contains(got, c.says) || strings.Contains(got, c.not) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
