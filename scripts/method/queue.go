package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/wire"
)

// queueOf compares slices with a continuous phase on two servers with one worker
// each, behind a queue. Each design has the same arrivals and the same service
// times, so that what differs is what draining between slices does.
func queueOf(mean time.Duration, rate float64, length time.Duration) func(context.Context, *bench, *rand.Rand) ([]cell, error) {
	return func(ctx context.Context, b *bench, rng *rand.Rand) (out []cell, err error) {
		serve := fmt.Sprintf("queue:%v:%s", mean, exponentialLaw)
		targets, stop, err := start(ctx, []targetSpec{{name: "a", serve: serve, path: "/"}, {name: "b", serve: serve, path: "/"}}, rng)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, stop()) }()
		engine := &wire.Engine{Shards: 1}
		defer engine.Close()
		arrivals := ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: rate, Seed: rng.Uint64()}
		length := b.length(length)
		if err := warm(ctx, engine, targets, arrivals, length/8); err != nil {
			return nil, err
		}
		group := fmt.Sprintf("%v exponential service, %g requests/s", mean, rate)
		all := designs([]string{continuousDesign}, 50*ms, 250*ms, 1000*ms)
		for _, i := range rng.Perm(len(all)) {
			for _, a := range targets {
				if err := a.ask(ctx, "/reset"); err != nil {
					return nil, err
				}
			}
			results, err := drive(ctx, engine, targets, arrivals, all[i].dealing(length, rng.Uint64()), length, nil)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", all[i].name, err)
			}
			for k := range results {
				out = append(out, cellOf(group, all[i].name, &results[k]))
			}
		}
		return out, nil
	}
}

// fittedDesign is the slice that the experiment's rule gives; it differs by server.
const fittedDesign = "fitted slice (800 service times)"

// simulated asks the same of a worker that takes no time: the plan's own due times,
// a queue by Lindley's recursion (1952) that is empty after each drain, and so
// many requests that what is left is the bias of the design. Half the worker's
// time is used.
func simulated(_ context.Context, b *bench, _ *rand.Rand) (out []cell, err error) {
	requests := 200_000
	if b.quick {
		requests /= 10
	}
	for _, mean := range []time.Duration{100 * time.Microsecond, 5 * ms, 20 * ms, 100 * ms} {
		for _, law := range []string{constantLaw, exponentialLaw} {
			rate := 0.5 / mean.Seconds()
			length := time.Duration(float64(requests) / rate * 1e9)
			group := fmt.Sprintf("%v, %s", mean, law)
			// The whole of it in one; the blocks of quick and standard, 1.1 and 4 s; and
			// the slice that a warm-up would fit: 100 x the median of a closed loop, in
			// which 8 connections wait for one worker.
			all := append(designs(nil, 20*ms, 50*ms, 250*ms, 1100*ms, 4*time.Second),
				design{name: fittedDesign, slice: 100 * connections * mean}, design{name: continuousDesign, slice: length})
			for _, d := range all {
				h, err := lindley(d.slice, length, rate, mean, law)
				if err != nil {
					return nil, err
				}
				out = append(out, cellOf(group, d.name, &ancmbench.Result{Target: "a", Response: h}))
			}
		}
	}
	return out, nil
}

func lindley(slice, length time.Duration, rate float64, mean time.Duration, law string) (*ancmbench.Histogram, error) {
	t := ancmbench.Target{Name: "a", Address: "127.0.0.1:1", Workload: ancmbench.Workload{Requests: []ancmbench.Request{{Path: "/"}}}}
	plan, err := loadgen.NewPlan(ancmbench.Load{Arrivals: ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: rate, Seed: 5},
		Dealing: design{slice: slice}.dealing(length, 1), Duration: ancmbench.Seconds(length), Connections: connections,
		Targets: []ancmbench.Target{t}})
	if err != nil {
		return nil, err
	}
	h := &ancmbench.Histogram{}
	var free time.Duration // when the worker is, in virtual time
	var dues []loadgen.Due
	for i := range plan.Segments() {
		s := plan.Segment(i)
		if s.First {
			free = 0
		}
		dues = plan.Dues(i, dues)
		for _, d := range dues {
			at := s.Virtual + d.Offset
			free = max(free, at) + serviceTime(mean, law, d.Group)
			if !d.Settling {
				h.Record(free - at)
			}
		}
	}
	return h, nil
}
