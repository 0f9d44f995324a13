package experiment

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/models/peers"
)

// randomPhases returns one to four phases of kinds, fronts, engines and factors that a
// profile may have.
func randomPhases(rng *rand.Rand) []ancmbench.Phase {
	one := func(of ...string) string { return of[rng.IntN(len(of))] }
	var out []ancmbench.Phase
	for range 1 + rng.IntN(4) {
		out = append(out, ancmbench.Phase{Name: "x", Duration: 1,
			Kind: ancmbench.PhaseKind(one("cold-start", "warm-up", "latency", "peak", "sweep", "memory", "recovery")),
			Kill: one("worker", "app"), Front: one("", "", "tls"), Engine: one("", "", "websocket"), Factor: ancmbench.Factor(one("", "", "body", "connections"))})
	}
	return out
}

func randomTargets(rng *rand.Rand) []TargetSpec {
	var out []TargetSpec
	for i := range rng.IntN(4) {
		a := TargetSpec{Name: string(rune('a' + i))}
		switch rng.IntN(4) {
		case 0:
			a.Model = ancmbench.Models[rng.IntN(len(ancmbench.Models))]
		case 1:
			a.Command = &peers.Command{Line: "x"}
		case 2:
			a.Target.Workload.Requests = []ancmbench.Request{{Path: "/"}}
		}
		if i > 0 && rng.IntN(4) == 0 {
			a.TwinOf = out[0].Name
		}
		out = append(out, a)
	}
	return out
}

// Check refuses exactly the runs whose plan has no trial that is counted.
func TestCheckFailsIfNoTrialCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	refused, allowed := 0, 0
	for range 20000 {
		cfg := Config{Profile: ancmbench.Profile{Name: "p", Launches: 1, Phases: randomPhases(rng)}, Targets: randomTargets(rng), FindPeak: rng.IntN(2) == 0}
		counted := slices.ContainsFunc(Plan(cfg), func(trial ancmbench.Trial) bool { return trial.Phase.Kind != ancmbench.WarmUp })
		err := cfg.Check()
		if (err == nil) != counted {
			t.Fatalf("%v; the plan has trials that count: %v\n%+v\n%+v", err, counted, cfg.Profile.Phases, cfg.Targets)
		}
		if err == nil {
			allowed++
			continue
		}
		refused++
		if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "  ") {
			t.Fatalf("error is not one sentence: %v", err)
		}
	}
	if refused < 100 || allowed < 100 {
		t.Errorf("%d refused, %d allowed: the cases must have both", refused, allowed)
	}
}

// A recovery phase is planned only for targets with the process that it kills.
func TestRecoveryNeedsTheRole(t *testing.T) {
	phase := ancmbench.Phase{Name: "r", Kind: ancmbench.Recovery, Kill: "app", Duration: 1}
	plan := Plan(Config{Profile: ancmbench.Profile{Launches: 1, Phases: []ancmbench.Phase{phase}}, Targets: twoTargets})
	if len(plan) != 1 || !slices.Equal(plan[0].Targets, []string{"out-of-process"}) {
		t.Errorf("planned: %+v", plan)
	}
	err := Config{Profile: ancmbench.Profile{Name: "p", Launches: 1, Phases: []ancmbench.Phase{phase}}, Targets: twoTargets[:1]}.Check()
	if err == nil || !strings.Contains(err.Error(), "phase r (recovery) is for models that have the process it kills, app") {
		t.Error(err)
	}
}

// A run without targets fails before it writes a file.
func TestRunWithoutTargetsStartsNothing(t *testing.T) {
	dir := t.TempDir()
	for name, phases := range map[string][]ancmbench.Phase{
		"peak alone":      {{Name: "peak", Kind: ancmbench.Peak, Duration: 1}},
		"cold start, too": {{Name: "cold", Kind: ancmbench.ColdStart}, {Name: "peak", Kind: ancmbench.Peak, Duration: 1}},
		"after a warm-up": {{Name: "warm-up", Kind: ancmbench.WarmUp, Duration: 1}, {Name: "peak", Kind: ancmbench.Peak, Duration: 1}},
		"no phase":        nil,
	} {
		_, err := Run(t.Context(), Config{Dir: dir, Targets: others, Profile: ancmbench.Profile{Name: "p", Launches: 1, Phases: phases},
			NewEngine: func() loadgen.Engine { t.Fatal("an engine was made"); return nil }})
		if err == nil || !strings.Contains(err.Error(), "nothing would be measured") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("files left behind: %v, %v", left, err)
	}
}
