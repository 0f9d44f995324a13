package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"ancmbench"
)

// storedRun writes a run of one fresh start of two targets, as small as one can be.
func storedRun(t testing.TB, dir string) {
	t.Helper()
	run := smallRun()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := run.WriteFile(filepath.Join(dir, ancmbench.ResultFile)); err != nil {
		t.Fatal(err)
	}
}

func smallRun() *ancmbench.Run {
	targets := []string{"in-process", "out-of-process"}
	run := &ancmbench.Run{Version: ancmbench.RunVersion, Subject: ancmbench.SubjectReference, Started: time.Unix(1e9, 0).UTC(),
		Host: ancmbench.Host{OS: "linux", Arch: "amd64", Cores: 2}, State: ancmbench.Complete, LaunchesDone: 8,
		Profile: ancmbench.Profile{Name: "small", Launches: 8, Connections: 1, Rate: 100, Engine: "wire",
			Models:    []ancmbench.Model{ancmbench.InProcess, ancmbench.OutOfProcess},
			Workloads: []ancmbench.Workload{{Name: "plaintext", Requests: []ancmbench.Request{{Path: "/plaintext"}}}},
			Phases:    []ancmbench.Phase{{Name: "latency", Kind: ancmbench.Latency}}}}
	for _, name := range targets {
		run.Targets = append(run.Targets, ancmbench.TargetInfo{Name: name, Model: ancmbench.Model(name), Roles: []ancmbench.Role{"was", "worker"}, Local: true})
	}
	for launch := range run.LaunchesDone {
		phase := ancmbench.Phase{Name: "latency", Kind: ancmbench.Latency, Duration: ancmbench.Seconds(time.Second),
			Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 100}, Dealing: ancmbench.Dealing{Kind: ancmbench.Slices}}
		run.Plan = append(run.Plan, ancmbench.Trial{Index: launch, Launch: launch, Phase: phase, Targets: targets})
		for i, name := range targets {
			h := new(ancmbench.Histogram)
			for n := range 2000 {
				h.Record(time.Duration(100_000*(i+1) + 37*n + 1000*launch))
			}
			run.Results = append(run.Results, ancmbench.Result{Trial: launch, Launch: launch, Phase: "latency", PhaseKind: ancmbench.Latency,
				Workload: "plaintext", Target: name, Engine: "wire", Arrivals: phase.Arrivals, Dealing: phase.Dealing, Connections: 1,
				Busy: ancmbench.Seconds(20 * time.Second), Response: h, Service: h, Lag: h, Outcomes: ancmbench.Outcomes{Due: 2000, Sent: 2000, OK: 2000},
				Usage: []ancmbench.RoleUsage{{Role: "worker", Processes: 1, CPU: &ancmbench.CPU{Own: ancmbench.Seconds(time.Second), User: 5e8, System: 5e8}}}})
		}
	}
	return run
}
