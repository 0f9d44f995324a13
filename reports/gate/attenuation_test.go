package gate

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ancmbench"
	"ancmbench/reports/internal/example"
	"ancmbench/reports/stats"
)

// dueling are fresh starts with a true effect of which the duel shows a share.
func dueling(rng *rand.Rand, n int, effect, share, sd float64) []RecordedLaunch {
	var out []RecordedLaunch
	for range n {
		out = append(out, RecordedLaunch{
			"response_p50_seconds":        {95e-6, 95e-6 * math.Exp(share*effect+sd*rng.NormFloat64()/3)},
			"response_p50_seconds/slices": {90e-6, 90e-6 * math.Exp(effect+sd*rng.NormFloat64())},
			"cpu_seconds_per_request":     {3e-5, 3e-5 * math.Exp(effect)},
		})
	}
	return out
}

// Fieller's interval holds the true share in about 95 of 100 cases, and is none
// where there is no effect to speak of.
func TestAttenuationCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const cases = 1000
	held := 0
	for range cases {
		a, err := AttenuationOf(dueling(rng, 12, math.Log(1.5), 0.8, 0.06), "response_p50_seconds")
		if err != nil {
			t.Fatal(err)
		}
		if a.Share.Interval.Holds(0.8) {
			held++
		}
		if !a.Share.Interval.Holds(a.Share.Value) || a.Seen.Value >= a.True.Value || a.Launches != 12 {
			t.Fatalf("%+v", a)
		}
	}
	if low, high := stats.Binomial(held, cases); low > 0.97 || high < 0.93 {
		t.Errorf("the interval holds the truth in %d of %d", held, cases)
	}
	if _, err := AttenuationOf(dueling(rng, 12, 0, 0.8, 0.06), "response_p50_seconds"); !errors.Is(err, stats.ErrNoEffect) {
		t.Errorf("no effect: %v", err)
	}
	for metric, says := range map[string]string{"happiness": "unknown metric", "cpu_seconds_per_request": "0 fresh starts", "response_p90_seconds": "no fresh start"} {
		if _, err := AttenuationOf(dueling(rng, 12, 0.4, 0.8, 0.06), metric); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", metric, err)
		}
	}
}

func TestEffectOf(t *testing.T) {
	launches := dueling(rand.New(rand.NewPCG(4, 4)), 12, math.Log(1.05), 0.8, 0)
	e, err := EffectOf(launches, "response_p50_seconds")
	if err != nil || e.Launches != 12 || e.Duel == nil {
		t.Fatalf("%+v, %v", e, err)
	}
	example.Near(t, "in slices", e.Slices.Value, 1.05)
	example.Near(t, "in the duel", e.Duel.Value, math.Pow(1.05, 0.8))
	e, err = EffectOf(launches, "cpu_seconds_per_request")
	if err != nil || e.Duel != nil {
		t.Fatalf("%+v, %v", e, err)
	}
	example.Near(t, "CPU", e.Slices.Value, 1.05)
}

// What the gate reads from a duel is recorded as slices show it as well, and the
// spread of a host is that of what the gate reads.
func TestRecordedDuel(t *testing.T) {
	run := example.GateRun(nil)
	for _, r := range slices.Clone(run.Results) {
		r.Phase, r.Dealing.Kind, r.Trial = "duel", ancmbench.Duel, r.Trial+1000
		run.Results = append(run.Results, r)
	}
	launches, err := Gate{}.Recorded(run)
	if err != nil || len(launches) != 20 {
		t.Fatalf("%d launches, %v", len(launches), err)
	}
	for _, l := range launches {
		if l["response_p50_seconds"] != l["response_p50_seconds/slices"] || l["cpu_seconds_per_request"] != l["cpu_seconds_per_request/slices"] || len(l) != 8 {
			t.Fatalf("%v", l)
		}
	}
	spread, err := Gate{}.Spread(run)
	if err != nil || len(spread) != 4 {
		t.Errorf("%v, %v", spread, err)
	}
	back, err := ReadLaunches(strings.NewReader("# {\"launches\":1}\n{\"response_p50_seconds/slices\":[1,2]}\n"))
	if err != nil || len(back) != 1 {
		t.Errorf("%v, %v", back, err)
	}
}

// The verdict says which attenuation it used, who measured it, or that nobody did.
func TestAttenuationIsSaid(t *testing.T) {
	run := example.GateRun(nil)
	for i := range run.Results {
		run.Results[i].Dealing.Kind = ancmbench.Duel
	}
	for want, g := range map[string]Gate{
		"was not measured on this host":                       {},
		"80 % of a true effect shows: the margin of 5.0 % is": {Attenuation: 0.8, AttenuationFrom: "measured on a Monday"},
		"(measured on a Monday)":                              {Attenuation: 0.8, AttenuationFrom: "measured on a Monday"},
		"all of a true effect shows (measured on a Monday)":   {Attenuation: 1, AttenuationFrom: "measured on a Monday"},
	} {
		v := judged(t, g, run, nil)
		if words := v.attenuationWords(); !strings.Contains(words, want) || v.AttenuationFrom != g.AttenuationFrom {
			t.Errorf("%q, want %q", words, want)
		}
	}
	if words := judged(t, Gate{}, example.GateRun(nil), nil).attenuationWords(); words != "" {
		t.Errorf("nothing is read from a duel: %q", words)
	}
}
