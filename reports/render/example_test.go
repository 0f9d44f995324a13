package render_test

import (
	"fmt"
	"math"
	"os"
	"time"

	"ancmbench"
	"ancmbench/reports/figures"
	"ancmbench/reports/gate"
	"ancmbench/reports/page"
	"ancmbench/reports/render"
)

func ExampleText() {
	run := &ancmbench.Run{Subject: ancmbench.SubjectServers, State: ancmbench.Complete, LaunchesDone: 4,
		Profile: ancmbench.Profile{Name: "mine", Launches: 4},
		Targets: []ancmbench.TargetInfo{{Name: "direct"}, {Name: "behind"}}}
	for launch, noise := range []float64{1, 1.1, 0.9, 1.05} {
		for i, cold := range []float64{20, 30 + float64(launch)} {
			run.Results = append(run.Results, ancmbench.Result{Trial: launch, Launch: launch, Target: run.Targets[i].Name,
				Phase: "cold", PhaseKind: ancmbench.ColdStart,
				Instants: []ancmbench.Seconds{ancmbench.Seconds(cold * noise * float64(time.Millisecond))}})
		}
	}
	a, err := figures.Analyse(run)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := a.Statement("cold_start_seconds", "behind")
	fmt.Printf("%.2f, 95 %% interval %.2f to %.2f, detected: %v\n", s.Ratio.Value, s.Ratio.Interval.Low, s.Ratio.Interval.High, s.Told())
	if err := render.Text(os.Stdout, run, a, page.Options{Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1.57, 95 % interval 1.47 to 1.68, detected: true
	// behind against direct · your servers: direct, behind
	// profile mine
	//
	// The penalty: the cold start of behind is 1.57x that of direct, 31.8 ms instead
	// of 20.2 ms (95 % interval 1.47x to 1.68x, 4 fresh starts).
	//
	//              direct   behind  difference  ratio [95 % interval]
	// cold start  20.2 ms  31.8 ms    +11.6 ms  1.57x [1.47, 1.68]
	// cold start: only 4 starts of each target, fewer than 5
	// not measured: response p50, response p99, CPU per request, peak throughput,
	// memory loaded
	//
	// trust    4 of 4 fresh starts; 0 discarded trials
}

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

func ExampleGateText() {
	budget, err := gate.ParseBudget("penalty cold start <= 1.2x")
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := gate.Gate{Form: gate.BudgetsOnly, Budgets: []gate.Budget{budget}}.Judge(builds(1.3, 12), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := render.GateText(os.Stdout, v, page.Options{}); err != nil {
		fmt.Println(err)
	}
	for _, line := range render.Annotations(v) {
		fmt.Println(line)
	}
	// Output:
	// FAIL: penalty cold start <= 1.2x: past the budget: 1.31x, 8.8 % worse [7.4 %, 10 %]
	// your servers: base, head; 7 fresh starts of at most 20, looks after 6 and each further one, with at
	// most 1.0 % false failures and 5.0 % wrong passes over all looks
	//
	//                             budget    now  of the budget [95 % interval]  outcome
	// penalty cold start <= 1.2x   1.20x  1.31x  1.09x [1.07, 1.10]             FAIL
	//
	// note     5 fresh starts after the decision not used
	// exit     99
	// ::error title=regression%3A penalty cold start <= 1.2x::penalty cold start <= 1.2x: past the budget: 1.31x, 8.8 %25 worse [7.4 %25, 10 %25]
}
