package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"ancmbench"
	"ancmbench/loadgen"
	"ancmbench/loadgen/vegeta"
	"ancmbench/loadgen/wire"
	"ancmbench/models"
)

// The designs that are compared.
const (
	continuousDesign = "continuous"
	duelDesign       = "duel"
)

func sliceDesign(length time.Duration) string { return "slices of " + length.String() }

// design is one way to share a load among targets.
type design struct {
	name  string
	slice time.Duration // of alternating slices; 0 = the named dealing
}

// designs are slices of these lengths and, where named, the other two.
func designs(others []string, slices ...time.Duration) (out []design) {
	for _, s := range slices {
		out = append(out, design{name: sliceDesign(s), slice: s})
	}
	for _, name := range others {
		out = append(out, design{name: name})
	}
	return out
}

const ms = time.Millisecond

// dealing returns the dealing that experiment makes of a profile's phase: settle 10 %, gap
// 1 ms. Continuous phases are two mirrored blocks per target.
func (d design) dealing(length time.Duration, seed uint64) ancmbench.Dealing {
	out := ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(d.slice), Settle: 0.1, Gap: ancmbench.Seconds(ms), Seed: seed}
	switch d.name {
	case continuousDesign:
		out.Slice, out.Mirrored = ancmbench.Seconds(length/2), true
	case duelDesign:
		out = ancmbench.Dealing{Kind: ancmbench.Duel, Seed: seed}
	}
	return out
}

const connections = 8

// drive puts one load on targets; errors among the answers are errors.
func drive(ctx context.Context, engine loadgen.Engine, targets []*target, arrivals ancmbench.Arrivals, dealing ancmbench.Dealing, length time.Duration, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	load := ancmbench.Load{Arrivals: arrivals, Dealing: dealing, Duration: ancmbench.Seconds(length), Connections: connections, MaxErrorShare: 0.01}
	for _, a := range targets {
		load.Targets = append(load.Targets, a.target)
	}
	results, err := engine.Run(ctx, load, edge)
	for _, res := range results {
		if res.Outcomes.Errors() > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %d of %d requests failed: %+v", res.Target, res.Outcomes.Errors(), res.Outcomes.Due, res.Outcomes))
		}
	}
	return results, err
}

// warm loads all targets for a while that is not counted.
func warm(ctx context.Context, engine loadgen.Engine, targets []*target, arrivals ancmbench.Arrivals, length time.Duration) error {
	_, err := drive(ctx, engine, targets, arrivals, design{slice: 50 * ms}.dealing(length, 1), length, nil)
	return err
}

// compared loads targets in all designs, in random order, each with the same arrivals.
func compared(ctx context.Context, engine loadgen.Engine, targets []*target, group string, rate float64, length time.Duration, all []design, rng *rand.Rand) (out []cell, err error) {
	arrivals := ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: rate, Seed: rng.Uint64()}
	for _, i := range rng.Perm(len(all)) {
		results, err := drive(ctx, engine, targets, arrivals, all[i].dealing(length, rng.Uint64()), length, nil)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", group, all[i].name, err)
		}
		for k := range results {
			out = append(out, cellOf(group, all[i].name, &results[k]))
		}
	}
	return out, nil
}

func atRate(rate float64) string { return fmt.Sprintf("%g requests/s", rate) }

// rates compares all designs at three rates on fresh processes of both models.
func rates(ctx context.Context, b *bench, rng *rand.Rand) (out []cell, err error) {
	targets, stop, err := start(ctx, pair("", "/plaintext"), rng)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	engine := &wire.Engine{Shards: 1}
	defer engine.Close()
	if err := warm(ctx, engine, targets, ancmbench.Arrivals{Kind: ancmbench.Closed, Seed: 1}, b.length(1200*ms)); err != nil {
		return nil, err
	}
	all := designs([]string{continuousDesign, duelDesign}, 20*ms, 50*ms, 100*ms, 250*ms, 1000*ms)
	levels := []struct {
		rate   float64
		length time.Duration
	}{{300, 2000 * ms}, {1000, 1250 * ms}, {3000, 1250 * ms}} // p99 needs 1,000 counted requests
	for _, i := range rng.Perm(len(levels)) {
		cells, err := compared(ctx, engine, targets, atRate(levels[i].rate), levels[i].rate, b.length(levels[i].length), all, rng)
		if err != nil {
			return nil, err
		}
		out = append(out, cells...)
	}
	return out, nil
}

// short leaves the shortest and the longest slices out.
func short() []design {
	return designs([]string{continuousDesign, duelDesign}, 50*ms, 100*ms, 250*ms)
}

func largeBodies(ctx context.Context, b *bench, rng *rand.Rand) (out []cell, err error) {
	return oneRate(ctx, b, rng, &wire.Engine{Shards: 1}, pair("", "/bytes/65536"), "answers of 64 kB, 500 requests/s", 500, 2400*ms)
}

func overTLS(ctx context.Context, b *bench, rng *rand.Rand) (out []cell, err error) {
	return oneRate(ctx, b, rng, &vegeta.Engine{}, pair(models.FrontTLS, "/plaintext"), "TLS, engine vegeta, 500 requests/s", 500, 2400*ms)
}

func oneRate(ctx context.Context, b *bench, rng *rand.Rand, engine loadgen.Engine, specs []targetSpec, group string, rate float64, length time.Duration) (out []cell, err error) {
	targets, stop, err := start(ctx, specs, rng)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if c, ok := engine.(io.Closer); ok {
		defer c.Close()
	}
	if err := warm(ctx, engine, targets, ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: rate, Seed: 1}, b.length(1200*ms)); err != nil {
		return nil, err
	}
	return compared(ctx, engine, targets, group, rate, b.length(length), short(), rng)
}
