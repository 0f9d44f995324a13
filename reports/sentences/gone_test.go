package sentences

import (
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
)

// failed is a run whose target failed in the last launches: of n trials each
// with so many refused requests, and the baseline with none due.
func failed(n int, refused int64) *ancmbench.Run {
	run := example.Models().Run()
	if n == 0 {
		return run
	}
	last := run.Results[len(run.Results)-1].Launch
	for i := range run.Results {
		r := &run.Results[i]
		if r.Launch <= last-n || r.PhaseKind != ancmbench.Latency {
			continue
		}
		if r.Target == run.Targets[0].Name {
			r.Void, r.Outcomes = ancmbench.VoidNothingDue, ancmbench.Outcomes{}
			continue
		}
		r.Void, r.Outcomes = ancmbench.VoidErrors, ancmbench.Outcomes{Due: refused + 3, Sent: refused + 3, OK: 3, Refused: refused}
		r.Failures = []ancmbench.Failure{{Kind: "refused", Cause: "connection refused", Count: refused}}
	}
	// What came after in the launch is not there: it was stopped.
	var kept []ancmbench.Result
	for _, r := range run.Results {
		if r.Launch <= last-n || r.PhaseKind == ancmbench.Latency {
			kept = append(kept, r)
		}
	}
	run.Results = kept
	return run
}

// Requests that failed in discarded trials are requests that failed: no sentence
// denies them, the answer is doubtful, and a server that is gone is the first thing said.
func TestDiscardedTrialsAreNotForgotten(t *testing.T) {
	for _, c := range []struct {
		name      string
		trials    int
		refused   int64
		want, not []string
		firstSays string
	}{
		{"none", 0, 0, []string{"no request failed", "No check speaks against"}, []string{"Doubtful", "no longer"}, "The loopback penalty at 400 requests/s"},
		{"two", 2, 71, []string{"Doubtful: out-of-process no longer answered", "142 of ", "142 connection refused"},
			[]string{"no request failed", "Nothing puts", "Nothing that was looked"}, "out-of-process no longer answered when last asked (142 connection refused); 2 trials"},
		{"half", 1, 3, []string{"Doubtful: out-of-process no longer answered"}, []string{"no request failed"}, "out-of-process no longer answered when last asked (3 connection refused); 1 trial was"},
	} {
		run := failed(c.trials, c.refused)
		a, err := figures.Analyse(run)
		if err != nil {
			t.Fatal(err)
		}
		said := Belief(run, a) + " " + TrustLine(run, a)
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s: lacks %q: %s", c.name, want, said)
			}
		}
		for _, not := range c.not {
			if strings.Contains(said, not) {
				t.Errorf("%s: has %q: %s", c.name, not, said)
			}
		}
		if first := Answer(run, a)[0]; !strings.HasPrefix(first, c.firstSays) {
			t.Errorf("%s: the answer begins with %q, want %q", c.name, first, c.firstSays)
		}
	}
}

// A target that failed and recovered is not gone, and its failed trial is not forgotten.
func TestAServerThatCameBack(t *testing.T) {
	run := example.Models().Run()
	bad := run.Results[0]
	for _, r := range run.Results {
		if r.PhaseKind == ancmbench.Latency && r.Target != run.Targets[0].Name {
			bad = r
			break
		}
	}
	bad.Void, bad.Failures = ancmbench.VoidErrors, nil
	bad.Outcomes = ancmbench.Outcomes{Due: 100, Sent: 100, OK: 40, Timeout: 50, Status: map[int]int64{503: 10}}
	run.Results = append([]ancmbench.Result{bad}, run.Results...)
	a, err := figures.Analyse(run)
	if err != nil {
		t.Fatal(err)
	}
	if a.Trust.Gone != nil || Gone(a) != "" {
		t.Errorf("gone: %v", a.Trust.Gone)
	}
	said := Belief(run, a)
	for _, want := range []string{"Doubtful: 1 trial was discarded because requests failed (50 no whole answer in time and 10 answered by 503)", "60 of "} {
		if !strings.Contains(said, want) {
			t.Errorf("lacks %q: %s", want, said)
		}
	}
	if got := a.Trust.VoidReasons; len(got) != 1 || got[0].Words() != "too many errors 1 time: 50 no whole answer in time and 10 answered by 503" {
		t.Errorf("%+v", got)
	}
}
