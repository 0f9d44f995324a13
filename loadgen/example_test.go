package loadgen_test

import (
	"fmt"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
)

// Two targets take turns in slices of 50 ms. The timetable says what is due in
// each, and is a pure function of the load.
func ExampleNewPlan() {
	workload := ancmbench.Workload{Name: "plaintext", Requests: []ancmbench.Request{{Path: "/plaintext"}}}
	plan, err := loadgen.NewPlan(ancmbench.Load{
		Arrivals:    ancmbench.Arrivals{Kind: ancmbench.Constant, Rate: 40},
		Dealing:     ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(50 * time.Millisecond), Mirrored: true},
		Duration:    ancmbench.Seconds(100 * time.Millisecond),
		Connections: 1,
		Targets: []ancmbench.Target{
			{Name: "in-process", Address: "127.0.0.1:5001", Workload: workload},
			{Name: "out-of-process", Address: "127.0.0.1:5002", Workload: workload},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range plan.Segments() {
		s := plan.Segment(i)
		fmt.Printf("slice %d at %v: %s\n", s.Slice, s.Start, plan.Load().Targets[s.Target].Name)
		for _, d := range plan.Dues(i, nil) {
			fmt.Printf("  request %d after %v\n", d.N, d.Offset)
		}
	}
	// Output:
	// slice 0 at 0s: in-process
	//   request 0 after 12.5ms
	//   request 2 after 37.5ms
	// slice 1 at 50ms: out-of-process
	//   request 1 after 12.5ms
	//   request 3 after 37.5ms
	// slice 2 at 100ms: out-of-process
	//   request 5 after 12.5ms
	//   request 7 after 37.5ms
	// slice 3 at 150ms: in-process
	//   request 4 after 12.5ms
	//   request 6 after 37.5ms
}
