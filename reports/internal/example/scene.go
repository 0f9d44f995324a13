package example

import (
	"math"
	"math/rand/v2"
	"time"

	"ancmbench"
)

// Arm is one target of a synthetic run, with its true values.
type Arm struct {
	Name   string
	Model  ancmbench.Model
	TwinOf string
	Median time.Duration
	// tail stretches the slowest 2 % of responses.
	Tail float64
	// cpu per request and loaded memory by role; none for a server whose
	// processes were not found.
	Roles      []ancmbench.Role
	CPU        []time.Duration
	memory     []int64
	throughput float64
	cold       time.Duration
}

// Scene is a synthetic run: the same seed gives the same run.
type Scene struct {
	Arms     []Arm
	Launches int
	Planned  int
	Samples  int
	// spread is the SD of a fresh start's log, common to all targets; own is the SD of each target.
	Spread, Own float64
	Seed        uint64
}

// Models returns the scene of the golden files.
func Models() Scene {
	return Scene{Launches: 6, Planned: 6, Samples: 3000, Spread: 0.10, Own: 0.03, Seed: 7, Arms: []Arm{
		{Name: "in-process", Model: ancmbench.InProcess, Median: 95 * time.Microsecond, Tail: 4,
			Roles: []ancmbench.Role{"was", "worker"}, CPU: []time.Duration{0, 21 * time.Microsecond},
			memory: []int64{2_100_000, 9_800_000}, throughput: 41_000, cold: 38 * time.Millisecond},
		{Name: "out-of-process", Model: ancmbench.OutOfProcess, Median: 219 * time.Microsecond, Tail: 5,
			Roles: []ancmbench.Role{"was", "worker", "app"}, CPU: []time.Duration{0, 29 * time.Microsecond, 17 * time.Microsecond},
			memory: []int64{2_100_000, 9_100_000, 7_900_000}, throughput: 18_300, cold: 71 * time.Millisecond},
	}}
}

// Run makes the run of the scene.
func (s Scene) Run() *ancmbench.Run {
	rng := rand.New(rand.NewPCG(s.Seed, 1))
	phases := []ancmbench.Phase{
		{Name: "cold", Kind: ancmbench.ColdStart},
		{Name: "latency", Kind: ancmbench.Latency},
		{Name: "peak", Kind: ancmbench.Peak},
		{Name: "memory", Kind: ancmbench.Memory},
	}
	run := &ancmbench.Run{Version: ancmbench.RunVersion, Subject: ancmbench.SubjectReference,
		Tool:    ancmbench.Tool{Version: "v0.0.0", Go: "go1.26"},
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Elapsed: ancmbench.Seconds(58 * time.Second),
		Seed: s.Seed, State: ancmbench.Complete, LaunchesDone: s.Launches,
		Profile: ancmbench.Profile{Name: "quick", Launches: s.Planned, Phases: phases, Engine: "wire",
			Workloads: []ancmbench.Workload{{Name: "plaintext", Requests: []ancmbench.Request{{Path: "/plaintext"}}}}},
		Host: ancmbench.Host{OS: "linux", Arch: "amd64", Kernel: "6.1", CPUModel: "Test CPU", Cores: 4, CoresAllowed: 4,
			MemoryBytes: 8 << 30, ClockSource: "tsc", GoVersion: "go1.26",
			Steal: []float64{0, 0.01, 0.002}, OtherLoad: []float64{0.01, 0.03, 0.02},
			Checks: []ancmbench.Check{{Name: "steal_share", Value: 0.01, Bound: 0.05}}},
		Command: []string{"ancmbench", "run", "--model=both", "--seed=7"}}
	for _, a := range s.Arms {
		run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: a.Name, Model: a.Model, TwinOf: a.TwinOf,
			Local: len(a.Roles) > 0, Roles: a.Roles})
	}
	for launch := range s.Launches {
		common := s.Spread * rng.NormFloat64()
		luck := make([]float64, len(s.Arms))
		for i := range luck {
			luck[i] = math.Exp(common + s.Own*rng.NormFloat64())
		}
		for p, phase := range phases {
			for i, a := range s.Arms {
				r := a.result(rng, phase.Kind, luck[i], s.Samples)
				r.Trial, r.Launch, r.Phase, r.Target = launch*len(phases)+p, launch, phase.Name, a.Name
				run.Results = append(run.Results, r)
			}
		}
	}
	return run
}

func (a Arm) result(rng *rand.Rand, kind ancmbench.PhaseKind, luck float64, samples int) ancmbench.Result {
	r := ancmbench.Result{PhaseKind: kind, Workload: "plaintext", Engine: "wire", Connections: 8}
	switch kind {
	case ancmbench.ColdStart:
		r.Instants = []ancmbench.Seconds{ancmbench.Seconds(float64(a.cold) * luck)}
	case ancmbench.Latency:
		a.addLatency(&r, rng, luck, samples)
	case ancmbench.Peak:
		r.Arrivals.Kind = ancmbench.Closed
		r.Busy = ancmbench.Seconds(time.Second)
		r.Outcomes.OK = int64(a.throughput / luck)
		r.Outcomes.Due, r.Outcomes.Sent = r.Outcomes.OK, r.Outcomes.OK
	case ancmbench.Memory:
		for i, role := range a.Roles {
			loaded := int64(float64(a.memory[i]) * (1 + 0.01*rng.NormFloat64()))
			idle, uss := loaded*3/4, loaded*2/3
			r.Usage = append(r.Usage, ancmbench.RoleUsage{Role: role, Processes: 1,
				Idle:   &ancmbench.MemoryUse{PSS: &idle, RSS: 2 * idle},
				Loaded: &ancmbench.MemoryUse{PSS: &loaded, USS: &uss, RSS: 2 * loaded}, OverTime: rising(idle, loaded)})
		}
	}
	return r
}

func (a Arm) addLatency(r *ancmbench.Result, rng *rand.Rand, luck float64, samples int) {
	r.Arrivals = ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 400}
	r.Dealing = ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(50 * time.Millisecond)}
	r.Response, r.Service, r.Lag = new(ancmbench.Histogram), new(ancmbench.Histogram), new(ancmbench.Histogram)
	for range samples {
		d := float64(a.Median) * luck * math.Exp(0.25*rng.NormFloat64())
		if rng.Float64() < 0.02 {
			d *= 1 + a.Tail*rng.Float64()
		}
		lag := time.Duration(2000 + rng.IntN(6000))
		r.Service.Record(time.Duration(d))
		r.Lag.Record(lag)
		r.Response.Record(time.Duration(d) + lag)
	}
	r.Series = seconds(r.Response, samples)
	n := int64(samples)
	r.Outcomes = ancmbench.Outcomes{Due: n, Sent: n, OK: n}
	r.Busy = ancmbench.Seconds(float64(samples) / 400 * 1e9)
	r.Usage = append(r.Usage, ancmbench.RoleUsage{Role: ancmbench.GeneratorRole, Processes: 1,
		CPU: &ancmbench.CPU{Own: ancmbench.Seconds(float64(r.Busy) * 0.04), Source: "schedstat"}})
	for i, role := range a.Roles {
		r.Usage = append(r.Usage, ancmbench.RoleUsage{Role: role, Processes: 1, CPU: &ancmbench.CPU{
			Own:    ancmbench.Seconds(float64(a.CPU[i]) * luck * float64(samples)),
			Others: r.Busy, Background: r.Busy / 1000, Source: "cgroup"}})
	}
	r.Checks = []ancmbench.Check{{Name: "lag_p99_seconds", Value: 8e-6, Bound: 20e-6},
		{Name: "rate_reached_share", Value: 0.999, Bound: 0.99, AtLeast: true}}
}

// seconds are the seconds of a load, about the histogram's quantiles, with one collection
// in the second and a little steal in the third.
func seconds(h *ancmbench.Histogram, samples int) []ancmbench.SecondRow {
	var rows []ancmbench.SecondRow
	for i := range min(samples/400, 8) {
		at := func(q, swing float64) *ancmbench.Seconds {
			d, _ := h.Quantile(q)
			s := ancmbench.Seconds(float64(d) * (1 + swing*math.Sin(float64(i))))
			return &s
		}
		pause, steal := ancmbench.Seconds(0), 0.0
		switch i {
		case 1:
			pause = ancmbench.Seconds(300 * time.Microsecond)
		case 2:
			steal = 0.02
		}
		rows = append(rows, ancmbench.SecondRow{At: ancmbench.Seconds(i) * ancmbench.Seconds(time.Second), Sent: 400, Done: 400,
			Max: ancmbench.Seconds(h.Max()), P50: at(0.5, 0.05), P99: at(0.99, 0.2), GCPauses: &pause, Steal: &steal})
	}
	return rows
}

// rising are four readings of memory between two sizes.
func rising(from, to int64) []ancmbench.MemoryAt {
	var out []ancmbench.MemoryAt
	for i := range int64(4) {
		pss := from + (to-from)*(i+1)/4
		out = append(out, ancmbench.MemoryAt{At: ancmbench.Seconds(i+1) * ancmbench.Seconds(100*time.Millisecond), PSS: &pss, RSS: 2 * pss})
	}
	return out
}
