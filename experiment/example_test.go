//go:build linux

package experiment_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/loadgen"
	"ancmbench/loadgen/wire"
	"ancmbench/profiles"
)

// Example measures a handler in-process against the same handler behind a proxy. The first
// line of main, or of TestMain, is models.RunRole(handler).
func Example() {
	profile, err := profiles.Parse("mine.yaml", []byte("launches: 1\nrate: 200/s\nphases: [{kind: warm-up, duration: 100ms}, {kind: latency, duration: 300ms}]\n"))
	dir, fault := os.MkdirTemp("", "mine-")
	if err := errors.Join(err, fault); err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	run, err := experiment.Run(context.Background(), experiment.Config{
		Profile: profile, Seed: 1, Dir: dir,
		Targets:   []experiment.TargetSpec{{Name: "in-process", Model: ancmbench.InProcess}, {Name: "out-of-process", Model: ancmbench.OutOfProcess}},
		NewEngine: func() loadgen.Engine { return &wire.Engine{} },
	})
	median, _ := ancmbench.MetricByWord("p50")
	for _, r := range run.Results {
		if r.Void == "" { // a trial of a machine that stood still is made again
			seconds, ok := median.Read(&r)
			fmt.Println(r.Target, "has a median:", ok && seconds > 0)
		}
	}
	fmt.Println(run.State, err)
	// Output:
	// in-process has a median: true
	// out-of-process has a median: true
	// complete <nil>
}
