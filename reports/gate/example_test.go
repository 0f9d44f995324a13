package gate_test

import (
	"fmt"
	"math"
	"time"

	"ancmbench"
	"ancmbench/reports/gate"
)

// builds is a run of two builds, cold starts alone, the second slower by a factor.
func builds(factor float64, launches int) *ancmbench.Run {
	run := &ancmbench.Run{Subject: ancmbench.SubjectServers, State: ancmbench.Complete, LaunchesDone: launches,
		Profile: ancmbench.Profile{Name: "mine"}, Targets: []ancmbench.TargetInfo{{Name: "base"}, {Name: "head"}}}
	for launch := range launches {
		noise := 0.02 * math.Sin(float64(7*launch))
		for i, ms := range []float64{20, 20 * factor * math.Exp(noise)} {
			run.Results = append(run.Results, ancmbench.Result{Trial: launch, Launch: launch, Target: run.Targets[i].Name,
				Phase: "cold", PhaseKind: ancmbench.ColdStart, Instants: []ancmbench.Seconds{ancmbench.Seconds(ms * float64(time.Millisecond))}})
		}
	}
	return run
}

func ExampleGate() {
	g := gate.Gate{Metrics: []gate.GatedMetric{{Name: "cold_start_seconds", Margin: 0.05}}}
	for _, run := range []*ancmbench.Run{builds(1, 12), builds(1.08, 12), builds(1, 3)} {
		v, err := g.Judge(run, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(v.Headline(), v.ExitCode)
	}
	// Output:
	// pass: head against base is not worse by the margin 0
	// fail: head against base: cold start: 8.4 % worse [7.0 %, 9.8 %] 99
	// inconclusive: head against base: no decision on cold start 4
}

func ExampleResampling() {
	var launches []gate.RecordedLaunch // of two copies of one thing
	for i := range 60 {
		luck := 0.03 * math.Sin(float64(i*i)) // stands for what a script recorded
		launches = append(launches, gate.RecordedLaunch{"response_p50_seconds": {1e-4, 1e-4 * math.Exp(luck)}})
	}
	g := gate.Gate{Metrics: []gate.GatedMetric{{Name: "response_p50_seconds", Margin: 0.05}}}
	for _, effect := range []float64{0, 0.05} {
		r, err := gate.Resampling{Gate: g, Launches: launches, Runs: 1000, Effect: effect}.Rates()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%+.0f %%: fails at most 1 %%: %v, at least 90 %%: %v\n", 100*effect, r.Fail.High <= 0.01, r.Fail.Low >= 0.9)
	}
	// Output:
	// +0 %: fails at most 1 %: true, at least 90 %: false
	// +5 %: fails at most 1 %: false, at least 90 %: true
}
