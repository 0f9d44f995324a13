package reports_test

import (
	"fmt"
	"os"
	"time"

	"ancmbench"
	"ancmbench/reports"
)

func Example() {
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
	a, err := reports.Analyse(run)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := a.Statement("cold_start_seconds", "behind")
	fmt.Printf("%.2f, 95 %% interval %.2f to %.2f, told: %v\n", s.Ratio.Value, s.Ratio.Interval.Low, s.Ratio.Interval.High, s.Told())
	if err := reports.Text(os.Stdout, run, a, reports.TextOptions{Width: 80}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1.57, 95 % interval 1.47 to 1.68, told: true
	// behind against direct · your servers
	// profile mine
	//
	// The cold start of behind is 1.57x that of direct: 31.8 ms instead of 20.2 ms
	// (95 % interval 1.47x to 1.68x, 4 fresh starts).
	//
	//              direct   behind  difference  ratio [95 % interval]
	// cold start  20.2 ms  31.8 ms    +11.6 ms  1.57x [1.47, 1.68]
	// cold start: only 4 starts of each target, fewer than 5
	// not measured: response p50, response p99, CPU per request, peak throughput,
	// memory loaded
	//
	// trust    4 of 4 fresh starts; 0 void trials
}
