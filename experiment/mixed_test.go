package experiment

import (
	"slices"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/models/peers"
)

// TestEachTargetCarriesOutWhatItCan checks a plan for a model, a command of the user's and
// a foreign server: each gets only the phases that it may have, whichever comes first.
func TestEachTargetCarriesOutWhatItCan(t *testing.T) {
	model := TargetSpec{Name: "model", Model: ancmbench.InProcess}
	command := TargetSpec{Name: "command", Command: &peers.Command{}}
	theirs := TargetSpec{Name: "theirs"}
	theirs.Target.Workload.Requests = []ancmbench.Request{{Method: "GET", Path: "/"}}
	for _, targets := range [][]TargetSpec{{model, command, theirs}, {theirs, model, command}, {command, theirs, model}} {
		cfg := Config{Profile: curve(t), Targets: targets, Seed: 5}
		cfg.Profile.Phases = append(cfg.Profile.Phases, quick(t).Phases...)
		cfg.Profile.Phases = append(cfg.Profile.Phases, ancmbench.Phase{Name: "kill", Kind: ancmbench.Recovery, Kill: "worker"})
		for _, findPeak := range []bool{false, true} {
			cfg.FindPeak = findPeak
			planned := cfg
			planned.Profile = suited(cfg.Profile, targets, findPeak)
			seen := map[string]int{}
			for _, trial := range Plan(planned) {
				checkMixed(t, trial, findPeak)
				for _, name := range trial.Targets {
					seen[name+" "+string(trial.Phase.Kind)]++
				}
			}
			for _, want := range []string{"model cold-start", "command cold-start", "model recovery", "model peak", "command peak", "model latency", "command latency", "theirs latency", "theirs warm-up"} {
				if seen[want] == 0 {
					t.Errorf("%s first: never %s: %v", targets[0].Name, want, seen)
				}
			}
		}
		r := &runner{cfg: cfg}
		r.run = &ancmbench.Run{Host: ancmbench.Host{CoresAllowed: 1}}
		f := &fit{asked: 1000}
		if r.fitRate(f, 1); f.rate != 0 {
			t.Errorf("%s first: the rate of a foreign server became %v", targets[0].Name, f.rate)
		}
		if got := cfg.subject(); got != ancmbench.SubjectBoth {
			t.Errorf("%s first: the run is about %q", targets[0].Name, got)
		}
	}
}

func checkMixed(t *testing.T, trial ancmbench.Trial, findPeak bool) {
	t.Helper()
	ph, has := trial.Phase, func(name string) bool { return slices.Contains(trial.Targets, name) }
	switch {
	case ph.Kind == ancmbench.ColdStart && has("theirs"):
		t.Errorf("phase %s is planned for %v: nobody can start a foreign server", ph.Name, trial.Targets)
	case (ph.Kind == ancmbench.Recovery || ph.Front != "" || ph.Engine != "") && (has("command") || has("theirs")):
		t.Errorf("phase %s is planned for %v: only the model can", ph.Name, trial.Targets)
	case ph.Kind == ancmbench.Peak && has("theirs") != findPeak:
		t.Errorf("phase %s with find-peak %v is planned for %v", ph.Name, findPeak, trial.Targets)
	case ph.Kind != ancmbench.Peak && !ph.Arrivals.Open() && has("theirs"):
		t.Errorf("phase %s is a closed loop on %v", ph.Name, trial.Targets)
	case ph.Factor != "" && ph.Factor != ancmbench.FactorConnections && has("theirs"):
		t.Errorf("phase %s needs a workload that %v do not use", ph.Name, trial.Targets)
	}
}

// TestForeignServerLimitsTheLoad: if one target is a foreign server, the shared stream of a
// phase must not have more requests than the rate allows.
func TestForeignServerLimitsTheLoad(t *testing.T) {
	profile := ancmbench.Profile{Workloads: []ancmbench.Workload{{Name: "w", Requests: []ancmbench.Request{{Method: "GET", Path: "/"}}}}}
	ph := ancmbench.Phase{Name: "latency", Kind: ancmbench.Latency, Duration: ancmbench.Seconds(time.Second), Connections: 1,
		Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 500},
		Dealing:  ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(100 * time.Millisecond)}}
	ours, theirs := &target{spec: TargetSpec{Name: "ours", Model: ancmbench.Direct}}, &target{spec: TargetSpec{Name: "theirs"}}
	ours.running, theirs.running = &still{target: ancmbench.Target{Address: "127.0.0.1:1"}}, &still{target: ancmbench.Target{Address: "127.0.0.1:2"}}
	r := &runner{cfg: Config{Profile: profile, Targets: []TargetSpec{ours.spec, theirs.spec}}}
	moved := 0
	for seed := range uint64(40) {
		ph.Arrivals.Seed = seed
		load, err := r.load([]*target{ours, theirs}, ph)
		if err != nil {
			t.Fatal(err)
		}
		if load.Arrivals.Seed != seed {
			moved++
		}
		if load, err = r.load([]*target{ours}, ph); err != nil || load.Arrivals.Seed != seed {
			t.Errorf("seed %d of a phase on our own server alone became %d (%v)", seed, load.Arrivals.Seed, err)
		}
	}
	if moved == 0 || moved == 40 {
		t.Errorf("%d of 40 streams were drawn again", moved)
	}
}

// TestReachedReturnsTheTrialsTargets: a trial without a target has no result of it, and
// note still assigns its facts to the right targets.
func TestReachedReturnsTheTrialsTargets(t *testing.T) {
	live := []*target{{spec: TargetSpec{Name: "theirs"}, running: &still{}},
		{spec: TargetSpec{Name: "model", Model: ancmbench.InProcess}, running: &still{info: targets.Info{Roles: []ancmbench.Role{"worker"}}}}}
	got := reached(live, ancmbench.Trial{Targets: []string{"model"}})
	if len(got) != 1 || got[0] != live[1] {
		t.Fatalf("reached %v", got)
	}
	r := &runner{run: &ancmbench.Run{Targets: []ancmbench.TargetInfo{{Name: "theirs"}, {Name: "model"}}}}
	if r.note(got); r.run.Targets[0].Roles != nil || !r.run.Targets[1].Local {
		t.Errorf("noted %+v", r.run.Targets)
	}
}
