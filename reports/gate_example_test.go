package reports_test

import (
	"fmt"
	"math"
	"os"
	"time"

	"ancmbench"
	"ancmbench/reports"
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
	gate := reports.Gate{Metrics: []reports.GatedMetric{{Name: "cold_start_seconds", Margin: 0.05}}}
	for _, run := range []*ancmbench.Run{builds(1, 12), builds(1.08, 12), builds(1, 3)} {
		v, err := gate.Judge(run, nil)
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

func ExampleGateText() {
	budget, err := reports.ParseBudget("penalty cold start <= 1.2x")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := reports.Gate{Form: reports.BudgetsOnly, Budgets: []reports.Budget{budget}}.Judge(builds(1.3, 12), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := reports.GateText(os.Stdout, v, reports.TextOptions{}); err != nil {
		fmt.Println(err)
	}
	for _, line := range reports.Annotations(v) {
		fmt.Println(line)
	}
	// Output:
	// FAIL: penalty cold start <= 1.2x: past the budget: 1.31x, 8.8 % worse [7.4 %, 10 %]
	// your servers; 7 fresh starts of at most 20, looks after 6 and each further one, over all looks at
	// most 1.0 % false failures and 5.0 % wrong passes
	//
	//                             budget    now  ratio [95 % interval]  margin  outcome
	// penalty cold start <= 1.2x   1.20x  1.31x  1.09x [1.07, 1.10]     budget  FAIL
	//
	// note     5 fresh starts after the decision not looked at
	// exit     99
	// ::error title=regression%3A penalty cold start <= 1.2x::penalty cold start <= 1.2x: past the budget: 1.31x, 8.8 %25 worse [7.4 %25, 10 %25]
}

func ExamplePlan_Follow() {
	// Log ratios of head over base, one per fresh start: some 8 % worse.
	logs := []float64{0.081, 0.069, 0.090, 0.077, 0.066, 0.084, 0.079, 0.074, 0.088, 0.071}
	decision, looks, err := reports.Plan{}.Follow(logs, 0.05)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decision, "after", looks[len(looks)-1].Launches)
	// Output: worse after 6
}

func ExampleResampling() {
	var launches []reports.RecordedLaunch // of two copies of one thing
	for i := range 60 {
		luck := 0.03 * math.Sin(float64(i*i)) // stands for what a script recorded
		launches = append(launches, reports.RecordedLaunch{"response_p50_seconds": {1e-4, 1e-4 * math.Exp(luck)}})
	}
	gate := reports.Gate{Metrics: []reports.GatedMetric{{Name: "response_p50_seconds", Margin: 0.05}}}
	for _, effect := range []float64{0, 0.05} {
		r, err := reports.Resampling{Gate: gate, Launches: launches, Runs: 1000, Effect: effect}.Rates()
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
