// Command error-rates measures how often the gate is wrong. It records fresh starts of two
// copies of the same target with the user's commands, draws pseudo-runs from them, and
// writes the tables. scripts/error-rates.sh builds what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	b := book{}
	r := recording{}
	flag.IntVar(&r.launches, "launches", 120, "record until there are so many fresh starts")
	flag.StringVar(&r.out, "out", "", "the recording (empty = reports/gate/testdata/aa-launches.jsonl, or with --inject injected-METRIC-launches.jsonl)")
	flag.StringVar(&r.inject, "inject", "", "make one side worse by this, as 5%, of --metric; empty records two copies of the model direct")
	flag.StringVar(&r.metric, "metric", "p50", "with --inject: p50, p90 or cpu")
	flag.StringVar(&r.rate, "rate", "", "open-loop requests per second on each side (empty = the gate profile's)")
	flag.IntVar(&r.batch, "batch", 5, "fresh starts between two writes, at most 5: six could let a gate decide and stop")
	flag.StringVar(&r.ancmbench, "ancmbench", "ancmbench", "the command that measures")
	flag.StringVar(&r.work, "work", os.TempDir(), "folder for what is thrown away")
	flag.StringVar(&b.path, "doc", "docs/method.md", "the document that holds the tables")
	flag.StringVar(&b.dir, "recordings", filepath.Join("reports", "gate", "testdata"), "where the tables look for recordings")
	flag.IntVar(&b.runs, "runs", 10_000, "pseudo-runs")
	flag.Float64Var(&b.attenuation, "attenuation", 0, "how much of an injected effect a duel shows, in (0,1]; 0 = all of it")
	flag.Uint64Var(&b.seed, "seed", 1, "of the drawing")
	flag.Parse()
	if err := r.check(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "error-rates:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := r.record(ctx)
	stop()
	if err == nil {
		err = b.write()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "error-rates:", err)
		os.Exit(1)
	}
}

func (r *recording) check(args []string) error {
	var faults []error
	if len(args) > 0 {
		faults = append(faults, fmt.Errorf("%q is not a flag", args))
	}
	if r.batch < 1 || r.batch > 5 {
		faults = append(faults, fmt.Errorf("--batch %d: must be 1 to 5", r.batch))
	}
	if r.launches < 0 {
		faults = append(faults, fmt.Errorf("--launches %d: must not be negative", r.launches))
	}
	if r.metric != "p50" && r.metric != "p90" && r.metric != "cpu" {
		faults = append(faults, fmt.Errorf("--metric %s: p50, p90 or cpu", r.metric))
	}
	if r.out == "" {
		name := "aa-launches.jsonl"
		if r.inject != "" {
			name = "injected-" + r.metric + "-launches.jsonl"
		}
		r.out = filepath.Join("reports", "gate", "testdata", name)
	}
	return errors.Join(faults...)
}
