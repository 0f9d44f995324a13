package gate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

// Runs whose hour moves the penalty by 5 %: a gate that believes its fresh starts alone
// calls every few of them a regression of the same code. With what runs are known to
// differ by it does not, and still sees what is far beyond.
func TestHourIsNoRegression(t *testing.T) {
	const hour, runs = 0.05, 24
	rng := rand.New(rand.NewPCG(8, 8))
	shifted := func(seed uint64, more float64) *ancmbench.Run {
		return example.StoredRun(seed, 20, math.Exp(hour*rng.NormFloat64())*more)
	}
	known := map[string]stats.BetweenRuns{"response_p50_seconds": {SD: hour, Runs: 12, From: "12 stored runs"}}
	blind := map[string]stats.BetweenRuns{"response_p50_seconds": {SD: 0}}
	p50 := []GatedMetric{{Name: "response_p50_seconds", Margin: 0.05}}
	false1, false2, found := 0, 0, 0
	for i := range uint64(runs) {
		stored, now := shifted(2*i+100, 1), shifted(2*i+101, 1)
		if judged(t, Gate{Form: PenaltyAgainstStored, Metrics: p50, BetweenRuns: blind}, now, stored).Outcome == Fail {
			false1++
		}
		if judged(t, Gate{Form: PenaltyAgainstStored, Metrics: p50, BetweenRuns: known}, now, stored).Outcome == Fail {
			false2++
		}
		if i < 10 && judged(t, Gate{Form: PenaltyAgainstStored, Metrics: p50, BetweenRuns: known}, shifted(2*i+101, 1.6), stored).Outcome == Fail {
			found++
		}
	}
	t.Logf("the same code fails in %d of %d without the term, in %d with it; +60 %% found in %d of 10", false1, runs, false2, found)
	if false1 < runs/8 || false2 > 2 || found < 9 {
		t.Errorf("false failures %d of %d without, %d with; found %d of 10", false1, runs, false2, found)
	}
}

// Nobody knows how much runs differ: a small change gives no decision, with the reason;
// a large one fails.
func TestBetweenRunsUnknown(t *testing.T) {
	stored := example.StoredRun(21, 12, 1)
	v := judged(t, Gate{Form: PenaltyAgainstStored}, example.StoredRun(22, 20, 1.02), stored)
	text := strings.Join(v.Asides(), "; ")
	if v.Outcome != Inconclusive || !strings.Contains(v.Reasons[0], "runs differ by 10 % (assumed)") || !strings.Contains(text, "is not known: 10 % (SD) is assumed") {
		t.Errorf("%s, %v; %s", v.Outcome, v.Reasons, text)
	}
	if b := v.metric(t, "response_p50_seconds").BetweenRuns; b == nil || b.SD != 0.1 || b.From != "assumed" || b.Runs != 0 {
		t.Errorf("%+v", b)
	}
	if v := judged(t, Gate{Form: PenaltyAgainstStored}, example.StoredRun(22, 20, 2), stored); v.Outcome != Fail {
		t.Errorf("twice the penalty: %s, %v", v.Outcome, v.Reasons)
	}
	if b := (Gate{Form: AgainstStored}).between("x"); b.SD <= 0.1 {
		t.Errorf("values move more than ratios: %+v", b)
	}
}

func TestBetweenStored(t *testing.T) {
	g := Gate{Form: PenaltyAgainstStored}
	var runs []*ancmbench.Run
	var history []figures.HistoryEntry
	var logs []float64
	for i, f := range []float64{1, 1.1, 0.95, 1.05} {
		run := example.StoredRun(uint64(30+i), 12, f)
		runs = append(runs, run)
		logs = append(logs, math.Log(f))
		a, err := figures.Analyse(run)
		if err != nil {
			t.Fatal(err)
		}
		run.State = ancmbench.Complete
		history = append(history, figures.History(run, a, ""))
	}
	_, variance := stats.MeanVariance(logs)
	want := math.Sqrt(variance)
	stored, err := g.BetweenStored(runs)
	if err != nil {
		t.Fatal(err)
	}
	past, err := g.BetweenHistory(history, runs[0])
	if err != nil {
		t.Fatal(err)
	}
	for from, b := range map[string]stats.BetweenRuns{"4 stored runs": stored["response_p50_seconds"], "4 runs of the history": past["response_p50_seconds"]} {
		if math.Abs(b.SD-want) > 0.25*want || b.Runs != 4 || b.From != from {
			t.Errorf("%s: %+v, want about %.3f", from, b, want)
		}
	}
	g.BetweenRuns = stored
	if v := judged(t, g, example.StoredRun(40, 20, 1), runs[0]); !strings.Contains(strings.Join(v.Asides(), "; "), "from 4 stored runs") {
		t.Errorf("%q", v.Asides())
	}
	if _, err := g.BetweenStored(runs[:2]); err == nil {
		t.Error("two runs have a spread")
	}
	other := example.StoredRun(50, 12, 1)
	for i := range other.Results {
		other.Results[i].Connections++
	}
	if _, err := g.BetweenStored(append(runs[:3:3], other)); err == nil || !strings.Contains(err.Error(), "run 4 is not like the first") {
		t.Errorf("other settings: %v", err)
	}
	elsewhere := *runs[0]
	elsewhere.Host.CPUModel = "another"
	if past, err := g.BetweenHistory(history, &elsewhere); err != nil || len(past) != 0 {
		t.Errorf("another host: %v, %v", past, err)
	}
}
