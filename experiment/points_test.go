package experiment

import (
	"slices"
	"testing"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/profiles"
)

func curve(t *testing.T) ancmbench.Profile {
	t.Helper()
	p, err := profiles.Load("curve")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A phase with a front is planned for the targets that have it. frontsOf names each front
// once, in the words of the models.
func TestFrontPhasesNeedModelsWithFronts(t *testing.T) {
	p := curve(t)
	if got := frontsOf(p); !slices.Equal(got, []string{"nethttp", "tls"}) {
		t.Errorf("fronts %v", got)
	}
	if got := frontsOf(quick(t)); got != nil {
		t.Errorf("quick starts the fronts %v", got)
	}
	targets := append(slices.Clone(twoTargets), TargetSpec{Name: "relay", Model: ancmbench.Relay}, TargetSpec{Name: "nginx", Model: ancmbench.Nginx})
	fronts := 0
	for _, trial := range Plan(Config{Profile: p, Targets: targets, Seed: 3}) {
		want := 4
		if trial.Phase.Front != "" {
			fronts++
			want = 2
		}
		if len(trial.Targets) != want || want == 2 && slices.Contains(trial.Targets, "relay") {
			t.Errorf("phase %s is planned for %v", trial.Phase.Name, trial.Targets)
		}
	}
	if fronts != 3*p.Launches {
		t.Errorf("%d trials on fronts of their own", fronts)
	}
	if plan := Plan(Config{Profile: p, Targets: targets[2:], Seed: 3}); slices.ContainsFunc(plan, func(t ancmbench.Trial) bool { return t.Phase.Front != "" }) {
		t.Error("a phase was planned that no target can carry out")
	}
}

func TestForeignServersHaveNoFrontsAndNoSockets(t *testing.T) {
	p := curve(t)
	for what, got := range map[string]ancmbench.Profile{"others": suited(p, others, true), "commands": suited(p, commands, false)} {
		for _, ph := range got.Phases {
			if ph.Front != "" || ph.Engine != "" {
				t.Errorf("%s: phase %s was not removed", what, ph.Name)
			}
		}
		if len(got.Phases) < 20 {
			t.Errorf("%s: only %d phases are left", what, len(got.Phases))
		}
	}
}

func TestOwnWorkloadLeavesOnlyConnectionPoints(t *testing.T) {
	targets := slices.Clone(others)
	for i := range targets {
		targets[i].Target.Workload.Requests = []ancmbench.Request{{Method: "GET", Path: "/"}}
	}
	p := suited(curve(t), targets, false)
	points := 0
	for _, ph := range p.Phases {
		if ph.Factor != "" {
			points++
		}
		if ph.Factor != "" && ph.Factor != ancmbench.FactorConnections {
			t.Errorf("phase %s was not removed", ph.Name)
		}
	}
	if points != 5 {
		t.Errorf("%d points", points)
	}
}

type namedEngine struct {
	loadgen.Engine
	name   string
	closed *int
}

func (n namedEngine) Name() string { return n.name }
func (n namedEngine) Close() error { *n.closed++; return nil }

func TestPhaseGetsItsEngine(t *testing.T) {
	closed := 0
	r := &runner{cfg: Config{Engines: map[string]func() loadgen.Engine{
		"vegeta": func() loadgen.Engine { return namedEngine{name: "vegeta", closed: &closed} }}}}
	own := namedEngine{name: "wire", closed: &closed}
	for _, c := range []struct {
		name string
		ph   ancmbench.Phase
		want string
	}{
		{"usual", ancmbench.Phase{Kind: ancmbench.Latency}, "wire"},
		{"front", ancmbench.Phase{Kind: ancmbench.Latency, Front: "tls"}, "vegeta"},
		{"plain front, the same engine", ancmbench.Phase{Kind: ancmbench.Latency, Front: "nethttp"}, "vegeta"},
		{"cross-check chooses by itself", ancmbench.Phase{Kind: ancmbench.CrossCheck, Engine: "vegeta"}, "wire"},
	} {
		before := closed
		e, done, err := r.engineFor(c.ph, own)
		if err != nil || e.Name() != c.want {
			t.Fatalf("%s: %v, %v", c.name, e, err)
		}
		done()
		if other := c.want != "wire"; (closed > before) != other {
			t.Errorf("%s: closed %v", c.name, closed > before)
		}
	}
	if _, _, err := r.engineFor(ancmbench.Phase{Name: "socket", Engine: "websocket"}, own); err == nil {
		t.Error("a missing engine was not reported")
	}
}
