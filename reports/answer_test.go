package reports

import (
	"strings"
	"testing"

	"ancmbench"
)

// What the sentences say of a penalty, a gain, nothing told, and too little.
func TestAnswerWords(t *testing.T) {
	swap := func(s scene) scene {
		s.arms[0], s.arms[1] = s.arms[1], s.arms[0]
		return s
	}
	same := models()
	same.arms[1] = same.arms[0]
	same.arms[1].name = "copy"
	one := models()
	one.launches = 1
	none := models()
	none.launches = 0
	for _, c := range []struct {
		name string
		run  *ancmbench.Run
		want []string
		not  []string
	}{
		{"penalty", models().run(), []string{"out-of-process is 2.2", "that of in-process", "costs 0.0", "more at that rate", "more memory", "At 400 requests/s", "6 fresh starts"}, []string{"gain", "less"}},
		{"gain", swap(models()).run(), []string{"in-process is 2.2", "x less than that of out-of-process, a gain", "saves 0.0", "less memory"}, []string{"costs"}},
		{"same", same.run(), []string{"no difference is told", "includes 1", "No difference in CPU is told for copy", "No difference in memory"}, []string{"gain", "costs", "saves"}},
		{"one", one.run(), []string{"from one fresh start, so no interval can be given"}, []string{"95 %"}},
		{"none", none.run(), []string{"No result that counts yet: 0 of 6 fresh starts done."}, []string{"x"}},
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

func TestServiceHeadline(t *testing.T) {
	run := models().run()
	run.Results[3].Warnings = []ancmbench.Warning{{Code: ancmbench.WarnServiceHeadline, Value: 40e-6, Bound: 10e-6}}
	text := screen(t, run, TextOptions{})
	if !strings.Contains(text, "median service time") || !strings.Contains(text, "service p99") || strings.Contains(text, "response p50") {
		t.Errorf("the headline is not service time:\n%s", text)
	}
}
