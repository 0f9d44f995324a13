package reports

import (
	"strings"
	"testing"

	"ancmbench"
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
		{"nothing against it", nil, []string{"Nothing that was looked at speaks against", "6 of 6 fresh starts", "no request failed",
			"a difference of the medians under about"}, "Doubtful"},
		{"a caution", []ancmbench.Warning{warn(ancmbench.WarnLag, "latency")}, []string{"Nothing puts the answer above in doubt; 1 warning says"}, "Doubtful"},
		{"doubt", []ancmbench.Warning{warn(ancmbench.WarnArrivals, "latency")}, []string{"Doubtful: requests were not sent"}, "other parts"},
		{"doubt about the run", []ancmbench.Warning{warn(ancmbench.WarnArrivals, "")}, []string{"Doubtful: requests were not sent"}, "other parts"},
		{"a caution elsewhere", []ancmbench.Warning{warn(ancmbench.WarnLag, "peak")}, []string{"Nothing that was looked at speaks against"}, "less sharp"},
		{"doubt elsewhere", []ancmbench.Warning{warn(ancmbench.WarnArrivals, "peak")}, []string{"1 serious warning is about other parts"}, "Doubtful"},
	} {
		run := models().run()
		run.Results[0].Warnings = c.warnings
		a := analysed(t, run)
		got := belief(run, a)
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
	many := models()
	far := many.arms[1]
	far.name = "far"
	many.arms = append(many.arms, far)
	run := many.run()
	if got := belief(run, analysed(t, run)); strings.Contains(got, "would not have been told") {
		t.Errorf("many targets, and one smallest effect: %s", got)
	}
	if got := belief(&ancmbench.Run{}, &Analysis{}); got != "" {
		t.Errorf("nothing measured: %q", got)
	}
}

func TestSizesAsTheProfileHasThem(t *testing.T) {
	for bytes, want := range map[float64]string{1024: "1 KiB", 65536: "64 KiB", 1 << 20: "1 MiB", 1000: "1.00 kB", 1536: "1.54 kB"} {
		if got := binary(bytes); got != want {
			t.Errorf("%v bytes: %s, want %s", bytes, got, want)
		}
	}
}

// A run that stops once it knows was not cut short.
func TestProgressOfARunThatStoppedByItself(t *testing.T) {
	run := &ancmbench.Run{State: ancmbench.Complete, LaunchesDone: 6, Profile: ancmbench.Profile{Launches: 20}}
	if got := progressOf(run); got != "6 of at most 20 fresh starts" {
		t.Error(got)
	}
	void := *run
	void.Results = []ancmbench.Result{{Launch: 19, Void: ancmbench.VoidDied}}
	late := *run
	late.Reason = "time limit"
	for _, other := range []ancmbench.Run{void, late} {
		if got := progressOf(&other); got != "6 of 20 fresh starts" {
			t.Error(got)
		}
	}
}
