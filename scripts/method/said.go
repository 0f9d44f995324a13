package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"ancmbench"
	"ancmbench/experiment"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/loadgen/wire"
)

// carriedOut runs a small profile on two of this script's servers, as `run` does on
// commands of a user's.
func carriedOut(ctx context.Context, a, b targetSpec, p ancmbench.Profile) (*ancmbench.Run, error) {
	dir, err := os.MkdirTemp("", "method-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var targets []experiment.TargetSpec
	for _, s := range []targetSpec{a, b} {
		command, err := commandOf(s)
		if err != nil {
			return nil, err
		}
		targets = append(targets, experiment.TargetSpec{Name: s.name, Command: &command, Target: ancmbench.Target{
			Workload: ancmbench.Workload{Name: "method", Requests: []ancmbench.Request{{Path: s.path}}}}})
	}
	p.Connections, p.MaxErrorShare, p.Timeout = connections, 0.01, ancmbench.Seconds(10*time.Second)
	p.Workloads = []ancmbench.Workload{{Name: "method", Requests: []ancmbench.Request{{Path: "/"}}}}
	for i := range p.Phases {
		p.Phases[i].Dealing = ancmbench.Dealing{Kind: ancmbench.Slices, Settle: 0.1, Gap: ancmbench.Seconds(ms)}
	}
	return experiment.Run(ctx, experiment.Config{Profile: p, Targets: targets, Dir: dir, Seed: 1, RateFixed: true,
		NewEngine: func() loadgen.Engine { return &wire.Engine{Shards: 1} }})
}

func phase(name string, kind ancmbench.PhaseKind, arrivals ancmbench.ArrivalKind, length time.Duration) ancmbench.Phase {
	return ancmbench.Phase{Name: name, Kind: kind, Arrivals: ancmbench.Arrivals{Kind: arrivals}, Duration: ancmbench.Seconds(length)}
}

// says lists the warnings of a run out of those that matter here.
func says(run *ancmbench.Run, codes ...ancmbench.WarningCode) string {
	all := slices.Clone(run.Warnings)
	for _, r := range run.Results {
		all = append(all, r.Warnings...)
	}
	var out []string
	for _, w := range all {
		if word := fmt.Sprintf("%s %s %.2g (bound %.2g)%s", w.Code, w.Target, w.Value, w.Bound, w.Detail); slices.Contains(codes, w.Code) && !slices.Contains(out, word) {
			out = append(out, strings.ReplaceAll(word, "  ", " "))
		}
	}
	if out == nil {
		return "nothing"
	}
	return strings.Join(out, "; ")
}

// inForce returns the dealing with which the latency phase was carried out.
func inForce(run *ancmbench.Run) string {
	for _, r := range run.Results {
		if r.PhaseKind == ancmbench.Latency {
			if r.Dealing.Mirrored {
				return "slices refused: continuous blocks"
			}
			return sliceDesign(r.Dealing.Slice.D().Round(ms))
		}
	}
	return "no latency phase"
}

// refused shows which slices a run uses for servers with a queue, and when it uses none.
func refused(ctx context.Context, _ *bench, _ *rand.Rand) (out []cell, err error) {
	for _, c := range []struct {
		mean time.Duration
		rate float64
	}{{100 * time.Microsecond, 2000}, {5 * ms, 100}, {20 * ms, 25}, {100 * ms, 5}} {
		serve := fmt.Sprintf("queue:%v:%s", c.mean, exponentialLaw)
		run, err := carriedOut(ctx, targetSpec{name: "a", serve: serve, path: "/"}, targetSpec{name: "b", serve: serve, path: "/"},
			ancmbench.Profile{Name: "method", Launches: 1, Rate: c.rate, Phases: []ancmbench.Phase{
				phase("warm-up", ancmbench.WarmUp, ancmbench.Closed, 800*ms),
				phase("latency", ancmbench.Latency, ancmbench.Poisson, time.Second)}})
		if err != nil {
			return nil, err
		}
		out = append(out, cell{Group: fmt.Sprintf("one worker, %v", c.mean), Design: inForce(run), Said: says(run, ancmbench.WarnContinuous)})
	}
	return out, nil
}

// slowStart shows the warnings of a run for a server that is twice as slow at first, and
// for one that keeps working while its partner is loaded.
func slowStart(ctx context.Context, _ *bench, _ *rand.Rand) ([]cell, error) {
	run, err := carriedOut(ctx, targetSpec{name: "steady", serve: "plain", path: "/"}, targetSpec{name: "slow at first", serve: "slow", path: "/"},
		ancmbench.Profile{Name: "method", Launches: 2, Rate: 500, Phases: []ancmbench.Phase{
			phase("warm-up", ancmbench.WarmUp, ancmbench.Closed, 800*ms),
			phase("latency", ancmbench.Latency, ancmbench.Poisson, 4500*ms),
			phase("peak", ancmbench.Peak, ancmbench.Closed, 800*ms)}})
	if err != nil {
		return nil, err
	}
	out := []cell{{Group: "twice slower in its first 8 s", Design: inForce(run),
		Said: says(run, ancmbench.WarnStillWarming, ancmbench.WarnDrift, ancmbench.WarnNotWarm)}}
	for _, path := range []string{"/burn/0", "/burn/10"} {
		run, err = carriedOut(ctx, targetSpec{name: "plain", serve: "plain", path: "/"}, targetSpec{name: "works on", serve: "burn", path: path},
			ancmbench.Profile{Name: "method", Launches: 1, Rate: 500, Phases: []ancmbench.Phase{
				phase("warm-up", ancmbench.WarmUp, ancmbench.Closed, 400*ms),
				phase("latency", ancmbench.Latency, ancmbench.Poisson, time.Second)}})
		if err != nil {
			return nil, err
		}
		group := map[string]string{"/burn/0": "rests after its answers", "/burn/10": "works on 10 % of a core after its answers"}[path]
		out = append(out, cell{Group: group, Design: inForce(run), Said: says(run, ancmbench.WarnBackgroundCPU)})
	}
	return out, nil
}

// background compares one server's answers while its partner is idle between its own
// slices with those while the partner keeps working. Processes are new, and all levels
// come in random order, so that each has the others as neighbours. A level is the use of
// the partner in hundredths of a core; the first is idle.
type background struct {
	levels []float64
	rounds int
	// pieces are the turns of a level within a round, pooled: the shorter they are,
	// the less the machine has changed from level to level.
	pieces int
	length time.Duration // of one side's load in a piece
}

func (g background) measure(ctx context.Context, b *bench, rng *rand.Rand) (out []cell, err error) {
	targets, stop, err := start(ctx, []targetSpec{{name: "a", serve: "plain", path: "/"}, {name: "b", serve: "burn", path: "/"}}, rng)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	engine := &wire.Engine{Shards: 1}
	defer engine.Close()
	pids, err := targets[1].server.PIDs()
	if err != nil {
		return nil, err
	}
	meter, err := usage.NewMeter([]usage.Role{{Name: "server", PIDs: pids}})
	if err != nil {
		return nil, err
	}
	defer meter.Close()
	arrivals := ancmbench.Arrivals{Kind: ancmbench.Poisson, Rate: 1000, Seed: rng.Uint64()}
	if err := warm(ctx, engine, targets, arrivals, b.length(500*ms)); err != nil {
		return nil, err
	}
	for round := range g.rounds {
		pooled := make([]ancmbench.Result, len(g.levels))
		use := make([]others, len(g.levels))
		for i := range g.levels {
			pooled[i] = ancmbench.Result{Target: targets[0].target.Name, Response: &ancmbench.Histogram{}}
			use[i].meter = meter
		}
		for range g.pieces {
			for _, i := range rng.Perm(len(g.levels)) {
				targets[1].target.Workload.Requests = []ancmbench.Request{{Path: fmt.Sprintf("/burn/%g", g.levels[i])}}
				if err := warm(ctx, engine, targets, arrivals, 30*ms); err != nil { // the partner learns its level
					return nil, err
				}
				arrivals.Seed = rng.Uint64()
				results, err := drive(ctx, engine, targets, arrivals, design{slice: 50 * ms}.dealing(g.length, rng.Uint64()), g.length, use[i].edge)
				if err = errors.Join(err, use[i].failed); err != nil {
					return nil, err
				}
				pooled[i].Response.Merge(results[0].Response)
			}
		}
		for i, level := range g.levels {
			c := cellOf(burnGroup(level), "alternating", &pooled[i])
			share := use[i].used.Seconds() / use[i].took.Seconds()
			c.Round, c.Background = round, &share
			out = append(out, c)
		}
	}
	return out, nil
}

func burnGroup(level float64) string { return fmt.Sprintf("partner works on %g %% of a core", level) }

// others sums what the second target uses while the first is loaded.
type others struct {
	meter      *usage.Meter
	last       time.Duration
	lastAt     time.Time
	used, took time.Duration
	failed     error
}

func (o *others) edge(e loadgen.Edge) {
	var now [1]time.Duration
	if err := o.meter.ReadCPU(now[:]); err != nil && o.failed == nil {
		o.failed = err
	}
	if e.Target == 0 {
		o.used += now[0] - o.last
		o.took += e.At.Sub(o.lastAt)
	}
	o.last, o.lastAt = now[0], e.At
}
