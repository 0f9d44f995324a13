package figures

import (
	"testing"

	"ancmbench"
)

// A run that stops once it knows was not cut short.
func TestProgressOfARunThatStoppedByItself(t *testing.T) {
	run := &ancmbench.Run{State: ancmbench.Complete, LaunchesDone: 6, Profile: ancmbench.Profile{Launches: 20}}
	if got := ProgressOf(run); got != "6 of at most 20 fresh starts" {
		t.Error(got)
	}
	void := *run
	void.Results = []ancmbench.Result{{Launch: 19, Void: ancmbench.VoidDied}}
	late := *run
	late.Reason = "time limit"
	for _, other := range []ancmbench.Run{void, late} {
		if got := ProgressOf(&other); got != "6 of 20 fresh starts" {
			t.Error(got)
		}
	}
}

// How the models were reached stands where the conditions do.
func TestConditionsNameFrontAndModules(t *testing.T) {
	run := &ancmbench.Run{Targets: []ancmbench.TargetInfo{{}}, Results: []ancmbench.Result{{PhaseKind: ancmbench.Latency}}}
	for _, c := range []struct {
		target ancmbench.TargetInfo
		want   string
	}{
		{ancmbench.TargetInfo{Front: "lean"}, "one target at a time"},
		{ancmbench.TargetInfo{Front: "nethttp", Protocol: "https"}, "one target at a time, nethttp front over TLS (HTTP/1.1)"},
		{ancmbench.TargetInfo{Front: "nethttp", Protocol: "h2c"}, "one target at a time, nethttp front with HTTP/2 without TLS"},
		{ancmbench.TargetInfo{Front: "lean", Native: []string{"request-log"}}, "one target at a time, lean front behind request-log"},
	} {
		run.Targets[0] = c.target
		if got := Conditions(run); got != c.want {
			t.Errorf("%+v: %q, want %q", c.target, got, c.want)
		}
	}
}
