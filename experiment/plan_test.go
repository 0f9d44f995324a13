package experiment

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/models/peers"
	"ancmbench/profiles"
)

func quick(t *testing.T) ancmbench.Profile {
	t.Helper()
	p, err := profiles.Load("quick")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var twoTargets = []TargetSpec{{Name: "in-process", Model: ancmbench.InProcess}, {Name: "out-of-process", Model: ancmbench.OutOfProcess}}

// Targets that are not bundled models: running servers and commands.
var (
	others   = []TargetSpec{{Name: "theirs"}, {Name: "theirs behind"}}
	commands = []TargetSpec{{Name: "base", Command: &peers.Command{}}, {Name: "head", Command: &peers.Command{}}}
)

func TestPlanIsPure(t *testing.T) {
	p := quick(t)
	one, two := Plan(Config{Profile: p, Targets: twoTargets, Seed: 7}), Plan(Config{Profile: p, Targets: twoTargets, Seed: 7})
	if !reflect.DeepEqual(one, two) {
		t.Error("the same seed planned different trials")
	}
	if reflect.DeepEqual(one, Plan(Config{Profile: p, Targets: twoTargets, Seed: 8})) {
		t.Error("another seed planned the same trials")
	}
}

func TestPlanLaws(t *testing.T) {
	p := quick(t)
	plan := Plan(Config{Profile: p, Targets: twoTargets, Seed: 42})
	if want := p.Launches * len(p.Phases); len(plan) != want {
		t.Fatalf("%d trials, want %d", len(plan), want)
	}
	seeds := map[uint64]bool{}
	orders := map[string]bool{}
	for i, trial := range plan {
		if trial.Index != i || trial.Launch != i/len(p.Phases) {
			t.Errorf("trial %d has index %d, launch %d", i, trial.Index, trial.Launch)
		}
		if got := slices.Sorted(slices.Values(trial.Targets)); !slices.Equal(got, []string{"in-process", "out-of-process"}) {
			t.Errorf("trial %d: targets %v", i, trial.Targets)
		}
		if seeds[trial.Phase.Arrivals.Seed] {
			t.Errorf("trial %d: a seed came twice", i)
		}
		seeds[trial.Phase.Arrivals.Seed] = true
		orders[trial.Targets[0]] = true
		if trial.Phase.Connections == 0 || trial.Phase.Workload == "" {
			t.Errorf("trial %d: connections or workload left open: %+v", i, trial.Phase)
		}
	}
	if len(orders) != 2 {
		t.Errorf("over %d launches only %v came first", p.Launches, orders)
	}
}

func TestMoreFreshStartsKeepTheFirst(t *testing.T) {
	p := quick(t)
	short := p
	short.Launches = 2
	if !reflect.DeepEqual(Plan(Config{Profile: p, Targets: twoTargets, Seed: 3})[:2*len(p.Phases)], Plan(Config{Profile: short, Targets: twoTargets, Seed: 3})) {
		t.Error("the first launches depend on how many follow")
	}
}

func TestForeignServersAreNotOverloaded(t *testing.T) {
	kinds := func(p ancmbench.Profile) (out []ancmbench.PhaseKind) {
		for _, ph := range p.Phases {
			if ph.Kind != ancmbench.Peak && !ph.Arrivals.Open() {
				t.Errorf("phase %s is a closed loop", ph.Name)
			}
			out = append(out, ph.Kind)
		}
		return out
	}
	safe := kinds(suited(quick(t), others, false))
	for _, never := range []ancmbench.PhaseKind{ancmbench.ColdStart, ancmbench.Peak, ancmbench.Recovery} {
		if slices.Contains(safe, never) {
			t.Errorf("phase %s would be run on a server that we did not start", never)
		}
	}
	if !slices.Contains(kinds(suited(quick(t), others, true)), ancmbench.Peak) {
		t.Error("--find-peak did not bring the peak phase back")
	}
}

// A sweep uses rates that the user of a foreign server did not ask for, and a twin's sweep
// adds nothing to the baseline's.
func TestSweepTargets(t *testing.T) {
	sweep := ancmbench.Phase{Name: "sweep", Kind: ancmbench.Sweep, Arrivals: ancmbench.Arrivals{Kind: ancmbench.Steps,
		Steps: []ancmbench.Step{{Rate: 100, Duration: 1}, {Rate: 200, Duration: 1}}}}
	base := TargetSpec{Name: "base", Model: ancmbench.InProcess}
	twin, theirs := base, TargetSpec{Name: "theirs"}
	twin.Name, twin.TwinOf = "twin", base.Name
	for _, c := range []struct {
		targets  []TargetSpec
		findPeak bool
		want     []string
	}{
		{[]TargetSpec{base, twin}, false, []string{"base"}},
		{[]TargetSpec{base, theirs}, false, []string{"base"}},
		{[]TargetSpec{base, theirs}, true, []string{"base", "theirs"}},
		{[]TargetSpec{theirs}, false, nil},
	} {
		plan := Plan(Config{Profile: ancmbench.Profile{Launches: 1, Phases: []ancmbench.Phase{sweep}}, Targets: c.targets, FindPeak: c.findPeak})
		if want := min(len(c.want), 1) * len(sweep.Arrivals.Steps); len(plan) != want {
			t.Errorf("%v: %d trials, want %d", c.want, len(plan), want)
		}
		for _, trial := range plan {
			if got := slices.Sorted(slices.Values(trial.Targets)); !slices.Equal(got, c.want) {
				t.Errorf("%s with find-peak %v is planned for %v, want %v", trial.Phase.Name, c.findPeak, got, c.want)
			}
		}
	}
}

func TestNiceBelow(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{{0.5, 1}, {1, 1}, {1.9, 1}, {2, 2}, {4.99, 2}, {5, 5}, {999, 500}, {1000, 1000}, {4321, 2000}} {
		if got := niceBelow(c.x); got != c.want {
			t.Errorf("niceBelow(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

func TestFitApplies(t *testing.T) {
	load := func() ancmbench.Load {
		return ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 1000},
			Dealing: ancmbench.Dealing{Kind: ancmbench.Slices}, Duration: ancmbench.Seconds(2 * time.Second)}
	}
	check := func(name string, f fit, l ancmbench.Load, slice time.Duration, mirrored bool, rate float64) {
		t.Helper()
		f.apply(&l)
		if l.Dealing.Slice.D() != slice || l.Dealing.Mirrored != mirrored || l.Arrivals.Rate != rate {
			t.Errorf("%s: slice %v mirrored %v rate %v", name, l.Dealing.Slice, l.Dealing.Mirrored, l.Arrivals.Rate)
		}
	}
	check("left open", fit{slice: 80 * time.Millisecond}, load(), 80*time.Millisecond, false, 1000)
	check("rate lowered", fit{slice: 50 * time.Millisecond, rate: 200, asked: 1000}, load(), 50*time.Millisecond, false, 200)
	check("never a single slice", fit{slice: 1900 * time.Millisecond}, load(), time.Second, false, 1000)
	check("continuous", fit{slice: 3 * time.Second, continuous: true}, load(), time.Second, true, 1000)
	longer := load()
	longer.Dealing.Slice = ancmbench.Seconds(250 * time.Millisecond)
	check("asked for longer", fit{slice: 50 * time.Millisecond}, longer, 250*time.Millisecond, false, 1000)
	closed := load()
	closed.Arrivals = ancmbench.Arrivals{Kind: ancmbench.Closed}
	check("closed loop has no rate", fit{slice: 50 * time.Millisecond, rate: 200, asked: 1000}, closed, 50*time.Millisecond, false, 0)
}
