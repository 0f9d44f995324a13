package main

import (
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ancmbench"
	"ancmbench/reports/gate"
)

// runOf makes a results file out of recorded launches: histograms whose quantiles
// are the recorded ones, and processor time that gives the recorded share, in the
// gate's design. Only what the gate reads is in it.
func runOf(launches []gate.RecordedLaunch) *ancmbench.Run {
	run := &ancmbench.Run{Version: ancmbench.RunVersion, Subject: ancmbench.SubjectReference, State: ancmbench.Complete,
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), LaunchesDone: len(launches),
		Profile: ancmbench.Profile{Name: "gate", Launches: len(launches)},
		Targets: []ancmbench.TargetInfo{{Name: "base", Local: true, Roles: []ancmbench.Role{"server"}}, {Name: "head", Local: true, Roles: []ancmbench.Role{"server"}}}}
	for i, l := range launches {
		for side, name := range []string{"base", "head"} {
			for p, dealing := range []ancmbench.DealingKind{ancmbench.Slices, ancmbench.Duel} {
				const n = 2000
				r := ancmbench.Result{Trial: 2*i + p, Launch: i, Phase: string(dealing), PhaseKind: ancmbench.Latency, Workload: "plaintext", Target: name,
					Engine: "wire", Connections: 8, Busy: 2e9, Response: new(ancmbench.Histogram), Service: new(ancmbench.Histogram), Lag: new(ancmbench.Histogram),
					Outcomes: ancmbench.Outcomes{Due: n, Sent: n, OK: n}}
				r.Arrivals = ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 1000}
				r.Dealing = ancmbench.Dealing{Kind: dealing}
				add := func(metric string, count int64) {
					d := time.Duration(l[metric][side] * 1e9)
					r.Response.RecordN(d, count)
					r.Service.RecordN(d, count)
				}
				add("response_p50_seconds", n*6/10)
				add("response_p90_seconds", n*35/100)
				add("response_p99_seconds", n*5/100)
				cpu := ancmbench.Seconds(l["cpu_seconds_per_request"][side] * n * 1e9)
				r.Usage = []ancmbench.RoleUsage{{Role: "server", Processes: 1, CPU: &ancmbench.CPU{Own: cpu, Source: "recorded"}}}
				run.Results = append(run.Results, r)
			}
		}
	}
	return run
}

// judgedBy runs the gate itself on a results file, and gives its exit code and
// what it leaves: outcome=, JUnit, Markdown, annotations.
func judgedBy(t *testing.T, run *ancmbench.Run, flags ...string) (code int, outcome string) {
	t.Helper()
	c := command(t, newMark(t), append([]string{"gate", "--result=r", "--junit=j.xml", "--markdown=s.md"}, flags...)...)
	if err := os.Mkdir(filepath.Join(c.Dir, "r"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run.WriteFile(filepath.Join(c.Dir, "r", ancmbench.ResultFile)); err != nil {
		t.Fatal(err)
	}
	return gateLeft(t, c)
}

// recordedLaunches are this project's own A/A fresh starts; where there are fewer than
// twenty, drawn ones stand in, and the log says so.
func recordedLaunches(t *testing.T) []gate.RecordedLaunch {
	t.Helper()
	path := filepath.Join("..", "..", "reports", "testdata", "aa-launches.jsonl")
	f, err := os.Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var launches []gate.RecordedLaunch
	if err == nil {
		defer f.Close()
		if launches, err = gate.ReadLaunches(f); err != nil {
			t.Fatal(err)
		}
	}
	const most, wanted = 20, 120
	if len(launches) < wanted {
		t.Logf("%d recorded fresh starts in %s, fewer than %d", len(launches), path, wanted)
	}
	if len(launches) >= most {
		return launches[:most]
	}
	t.Logf("drawn ones stand in for the recording")
	rng := rand.New(rand.NewPCG(1, 2))
	luck := func(x, sd float64) [2]float64 { return [2]float64{x, x * math.Exp(sd*rng.NormFloat64())} }
	launches = nil
	for range most {
		launches = append(launches, gate.RecordedLaunch{"response_p50_seconds": luck(95e-6, 0.03), "response_p90_seconds": luck(140e-6, 0.03),
			"response_p99_seconds": luck(400e-6, 0.1), "cpu_seconds_per_request": luck(30e-6, 0.02)})
	}
	return launches
}

// The gate decides and exits as it must on recorded launches: as they are, with one
// metric made worse, with too few of them, and with what makes a run invalid. A
// live gate in this place would be flaky by construction; scripts/gate.sh is one.
func TestGateOnRecordedLaunches(t *testing.T) {
	if underRace {
		t.Skip("skipped: ten processes that only compute; a run without -race has it")
	}
	launches := recordedLaunches(t)
	worse := func(metric string, factor float64) []gate.RecordedLaunch {
		var out []gate.RecordedLaunch
		for _, l := range launches {
			x := gate.RecordedLaunch{}
			for name, v := range l {
				x[name] = v
			}
			v := l[metric]
			x[metric] = [2]float64{v[0], v[1] * factor}
			out = append(out, x)
		}
		return out
	}
	errs := func(run *ancmbench.Run) *ancmbench.Run {
		for i := range run.Results {
			if r := &run.Results[i]; r.Target == "head" && r.Launch == 2 {
				r.Outcomes.OK -= r.Outcomes.Due / 100
			}
		}
		return run
	}
	wrong := runOf(launches)
	wrong.Results[3].Outcomes.WrongModel = 1
	for name, c := range map[string]struct {
		run      *ancmbench.Run
		flags    []string
		code     int
		outcomes string
	}{
		"twice p50":           {runOf(worse("response_p50_seconds", 2)), nil, 99, "fail"},
		"half again p90":      {runOf(worse("response_p90_seconds", 1.5)), nil, 99, "fail"},
		"half again CPU":      {runOf(worse("cpu_seconds_per_request", 1.5)), nil, 99, "fail"},
		"three":               {runOf(launches[:3]), nil, 4, "inconclusive"},
		"three, twice p50":    {runOf(worse("response_p50_seconds", 2)[:3]), nil, 4, "inconclusive"},
		"three, allowed":      {runOf(launches[:3]), []string{"--allow-inconclusive"}, 0, "inconclusive"},
		"1 % errors":          {errs(runOf(launches)), nil, 3, "invalid"},
		"1 % errors, allowed": {errs(runOf(launches)), []string{"--allow-inconclusive"}, 3, "invalid"},
		"wrong model":         {wrong, nil, 3, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			if code, outcome := judgedBy(t, c.run, c.flags...); code != c.code || outcome != c.outcomes {
				t.Errorf("%s, exit code %d; want %s, %d", outcome, code, c.outcomes, c.code)
			}
		})
	}
	t.Run("as recorded", func(t *testing.T) {
		// Twenty starts of the same thing may leave a metric open, and never fail.
		switch code, outcome := judgedBy(t, runOf(launches)); {
		case code == 0 && outcome == "pass", code == 4 && (outcome == "inconclusive" || outcome == "unstable"):
		default:
			t.Errorf("two copies of one thing: %s, exit code %d", outcome, code)
		}
	})
}
