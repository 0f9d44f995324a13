package profiles

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"ancmbench"
)

func TestEmbeddedProfilesLoad(t *testing.T) {
	if want := []string{"apache-node", "breakdown", "caddy-node", "curve", "dotnet", "dotnet-settings", "gate", "haproxy-node", "hops", "iis",
		"nginx-gunicorn", "nginx-node", "nginx-unix-node", "quick", "smoke", "standard"}; !reflect.DeepEqual(Names(), want) {
		t.Fatalf("embedded are %v, want %v", Names(), want)
	}
	for _, name := range Names() {
		p, err := Load(name)
		if err != nil {
			t.Fatalf("%s:\n%v", name, err)
		}
		if p.Name != name {
			t.Errorf("%s.yaml names itself %q", name, p.Name)
		}
		if p.Description == "" {
			t.Errorf("%s: has no description", name)
		}
		src, err := Source(name)
		if err != nil || !bytes.HasPrefix(src, []byte("# "+name+": ")) {
			t.Errorf("%s: its text does not begin with a comment on what it is for (%v)", name, err)
		}
		if err := Validate(p); err != nil {
			t.Errorf("%s: what was loaded does not validate: %v", name, err)
		}
	}
	if _, err := Load(Default); err != nil {
		t.Error(err)
	}
}

// loaded is the time for which one launch loads its targets.
func loaded(p ancmbench.Profile) time.Duration {
	targets := len(p.Models)
	if p.Twin {
		targets++
	}
	var sum time.Duration
	for _, ph := range p.Phases {
		n := targets
		if ph.Kind == ancmbench.Sweep {
			n = len(p.Models) // a twin is not swept
		}
		sum += time.Duration(n) * ph.Duration.D()
	}
	return sum
}

// A percentile needs 10 samples beyond it, so p99 needs 1000 counted requests in every fresh
// start: five standard deviations more are planned, since the arrivals are Poisson.
func TestEmbeddedProfilesCountEnoughForP99(t *testing.T) {
	scaffold, err := Parse("scaffold", Scaffold())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]ancmbench.Profile{"scaffold": scaffold}
	for _, name := range Names() {
		if name == "smoke" {
			continue // for tests: it promises no percentile
		}
		if all[name], err = Load(name); err != nil {
			t.Fatal(err)
		}
	}
	for name, p := range all {
		i := slices.IndexFunc(p.Phases, func(ph ancmbench.Phase) bool { return ph.Kind == ancmbench.Latency })
		if i < 0 {
			t.Errorf("%s: has no latency phase", name)
			continue
		}
		ph := p.Phases[i]
		rate := ph.Arrivals.Rate
		if rate == 0 {
			rate = p.Rate
		}
		counted := rate * ph.Duration.D().Seconds() * (1 - ph.Dealing.Settle)
		if need := 1000 + 5*math.Sqrt(1000); counted < need {
			t.Errorf("%s: phase %s counts %.0f requests, fewer than %.0f", name, ph.Name, counted, need)
		}
	}
}

// The promise of each profile's first line, in planned time: what starting,
// drains and gaps add is left room for.
func TestEmbeddedProfilesKeepTheirTime(t *testing.T) {
	for name, bound := range map[string]time.Duration{
		"curve":    13 * time.Minute,
		"quick":    55 * time.Second,
		"standard": 10*time.Minute + 30*time.Second,
		"smoke":    4 * time.Second,
		// Ten rungs and fresh processes of each: within a quarter of an hour.
		"breakdown": 13 * time.Minute,
	} {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if all := time.Duration(p.Launches) * loaded(p); all > bound {
			t.Errorf("%s: loads its targets for %v, more than %v", name, all, bound)
		}
	}
}

// The gate's own profile states no penalty, and has only what it gates.
func TestGateProfileHasADuelBesideItsSlices(t *testing.T) {
	p, err := Load("gate")
	if err != nil {
		t.Fatal(err)
	}
	var dealings []ancmbench.DealingKind
	for _, ph := range p.Phases {
		if ph.Kind == ancmbench.Latency {
			dealings = append(dealings, ph.Dealing.Kind)
		}
	}
	if want := []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Duel}; !reflect.DeepEqual(dealings, want) {
		t.Errorf("the latency phases are %v, want %v", dealings, want)
	}
}

func TestEmbeddedProfilesHaveEveryHeadlinePhase(t *testing.T) {
	for _, name := range []string{"breakdown", "dotnet", "dotnet-settings", "quick", "smoke", "standard"} {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		have := map[ancmbench.PhaseKind]ancmbench.Phase{}
		for _, ph := range p.Phases {
			have[ph.Kind] = ph
		}
		for _, m := range ancmbench.Metrics {
			if _, ok := have[m.Kind]; !ok && m.Kind != ancmbench.Recovery { // asked for by name only
				t.Errorf("%s: no %s phase, so there can be no %s", name, m.Kind, m.Name)
			}
		}
		latency := have[ancmbench.Latency]
		if latency.Arrivals.Kind != ancmbench.Poisson || latency.Dealing.Kind != ancmbench.Slices {
			t.Errorf("%s: the headline rests on %s arrivals in %s", name, latency.Arrivals.Kind, latency.Dealing.Kind)
		}
		if p.Twin != (name == "standard") {
			t.Errorf("%s: twin is %v", name, p.Twin)
		}
		if name == "smoke" {
			continue
		}
		counted := p.Rate * latency.Duration.Float() * (1 - latency.Dealing.Settle)
		if beyond := counted * 0.01; beyond < ancmbench.MinBeyond {
			t.Errorf("%s: plans %.0f requests beyond p99, and %d must be", name, beyond, ancmbench.MinBeyond)
		}
	}
}

// What is published says up to which rate the tail stays short: the profiles that
// sweep count enough requests at each rate to tell p99 over the launches.
func TestSweepsHaveEnoughSamplesForP99(t *testing.T) {
	for _, name := range []string{"curve", "standard"} {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.Phases, func(ph ancmbench.Phase) bool { return ph.Kind == ancmbench.Sweep })
		if i < 0 {
			t.Fatalf("%s: no sweep, so there can be no throughput at an SLO", name)
		}
		sweep := p.Phases[i]
		if len(sweep.Arrivals.Steps) < 5 {
			t.Errorf("%s: sweeps %d rates", name, len(sweep.Arrivals.Steps))
		}
		for j, step := range sweep.Arrivals.Steps {
			if j > 0 && step.Rate <= sweep.Arrivals.Steps[j-1].Rate {
				t.Errorf("%s: %v/s comes after %v/s", name, step.Rate, sweep.Arrivals.Steps[j-1].Rate)
			}
			counted := step.Rate * step.Duration.Float() * (1 - sweep.Dealing.Settle) * float64(p.Launches)
			if beyond := counted * 0.01; beyond < ancmbench.MinBeyond {
				t.Errorf("%s: plans %.0f requests beyond p99 at %v/s, and %d must be", name, beyond, step.Rate, ancmbench.MinBeyond)
			}
		}
	}
}

// What is published says how the models come back, and what connections cost.
func TestStandardKillsAndConnects(t *testing.T) {
	p, err := Load("standard")
	if err != nil {
		t.Fatal(err)
	}
	var kills []string
	most := 0
	for _, ph := range p.Phases {
		if ph.Kind == ancmbench.Recovery {
			kills = append(kills, ph.Kill)
		}
		if ph.Kind == ancmbench.Memory {
			most = max(most, ph.Connections)
		}
	}
	if !reflect.DeepEqual(kills, []string{"worker", "app"}) || most != 1000 || p.Launches < 5 {
		t.Errorf("kills %v, at most %d connections, %d launches", kills, most, p.Launches)
	}
}

func TestProfileSurvivesTheResultsFile(t *testing.T) {
	for _, name := range Names() {
		p, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back ancmbench.Profile
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, back) {
			t.Errorf("%s: went in as\n%+v\nand came out as\n%+v", name, p, back)
		}
	}
}
