package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
	"ancmbench/loadgen/wire"
	"ancmbench/models/httpsys"
	"ancmbench/models/peers"
)

// row is one slice: one variant in one round of one fresh start.
type row struct {
	variant     string
	connections int
	launch      int
	round       int
	requests    int64
	took        time.Duration // the slice and its drain
	front       time.Duration // CPU
	backend     time.Duration
	generator   time.Duration
}

func (b *bench) run(ctx context.Context, out io.Writer) error {
	b.printHead(ctx, out)
	for launch := range b.launches {
		if err := b.launch(ctx, launch); err != nil {
			err = fmt.Errorf("fresh start %d of %d: %w", launch+1, b.launches, err)
			if launch == 0 {
				return err
			}
			b.notes = append(b.notes, fmt.Sprintf("stopped early: only %d of %d fresh starts are in the table", launch, b.launches))
			b.print(out)
			return err
		}
		fmt.Fprintf(os.Stderr, "fresh start %d of %d done\n", launch+1, b.launches)
	}
	b.print(out)
	return nil
}

// launch makes one fresh start: it starts all processes, measures at every level, and stops
// them.
func (b *bench) launch(ctx context.Context, launch int) (err error) {
	rng := rand.New(rand.NewPCG(b.seed, uint64(launch)))
	targets := make([]*target, len(b.variants))
	backends := make([]*target, 2)
	byApp := map[string]*target{}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		for _, a := range append(targets, backends...) { // the backends last
			if a != nil {
				err = errors.Join(err, a.stop(ctx))
			}
		}
	}()
	for i, app := range []string{httpsys.Lean, httpsys.NetHTTP} {
		v := variant{name: "direct-" + app, model: ancmbench.Direct, front: app}
		if backends[i], err = b.start(ctx, v, launch, nil); err != nil {
			return err
		}
		byApp[app] = backends[i]
	}
	for _, i := range rng.Perm(len(targets)) {
		if targets[i], err = b.start(ctx, b.variants[i], launch, byApp[b.variants[i].backend()]); err != nil {
			return err
		}
	}
	if err := b.verify(ctx, launch, targets, byApp); err != nil {
		return err
	}
	engine := &wire.Engine{Shards: 1}
	defer engine.Close()
	for _, i := range rng.Perm(len(b.levels)) {
		if err := b.measure(ctx, engine, targets, launch, b.levels[i], rng.Uint64()); err != nil {
			return fmt.Errorf("%d connections: %w", b.levels[i], err)
		}
	}
	return nil
}

// wake sends one request, so that all processes of the target start.
func (a *target) wake(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	_, err := loadgen.Once(ctx, a.target)
	return err
}

// reuseRequests is how many requests a proxy is given to show that it reuses
// connections, and reuseBound how many it may make for them.
const (
	reuseRequests = 50
	reuseBound    = 4
)

// verify fails if a proxy does not reuse its backend connections, because the table compares
// only proxies that do.
func (b *bench) verify(ctx context.Context, launch int, targets []*target, backends map[string]*target) error {
	for _, a := range targets {
		if a.server == nil {
			continue
		}
		n, err := peers.Reuses(ctx, a.server, backends[a.backend()].target.Address, reuseRequests)
		if err != nil {
			return fmt.Errorf("%s: are backend connections reused? %w", a.name, err)
		}
		if n > reuseBound {
			return fmt.Errorf("%s: made %d backend connections for %d requests", a.name, n, reuseRequests)
		}
		if launch == 0 {
			b.notes = append(b.notes, fmt.Sprintf("%s: %d new backend connections for %d requests", a.name, n, reuseRequests))
		}
	}
	return nil
}

// measure loads all targets in turn, slice by slice, and keeps a row for each.
func (b *bench) measure(ctx context.Context, engine *wire.Engine, targets []*target, launch, connections int, seed uint64) error {
	load := ancmbench.Load{
		Arrivals:      ancmbench.Arrivals{Kind: ancmbench.Closed, Seed: seed},
		Dealing:       ancmbench.Dealing{Kind: ancmbench.Slices, Slice: ancmbench.Seconds(b.slice), Seed: seed},
		Duration:      ancmbench.Seconds(b.warm),
		Connections:   connections,
		MaxErrorShare: 0.01,
	}
	for _, a := range targets {
		load.Targets = append(load.Targets, a.target)
	}
	if _, err := b.drive(ctx, engine, load, nil); err != nil {
		return fmt.Errorf("warm-up: %w", err)
	}
	count, err := newCounters(targets)
	if err != nil {
		return err
	}
	defer count.close()
	load.Duration = ancmbench.Seconds(time.Duration(b.rounds) * b.slice)
	results, err := b.drive(ctx, engine, load, count.edge)
	if err = errors.Join(err, count.failed); err != nil {
		return err
	}
	for i, res := range results {
		for _, s := range res.Slices {
			cpu, ok := count.slice(s.Index, i)
			if !ok || s.Done == 0 {
				return fmt.Errorf("%s: slice %d has no counters or no requests", res.Target, s.Index)
			}
			cpu.variant, cpu.connections, cpu.launch, cpu.round = res.Target, connections, launch, s.Group
			cpu.requests, cpu.took = s.Done, (s.Length + s.Drain).D()
			b.seen = append(b.seen, cpu)
		}
	}
	return nil
}

// drive runs one load, every answer of which must be right.
func (b *bench) drive(ctx context.Context, engine *wire.Engine, load ancmbench.Load, edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	results, err := engine.Run(ctx, load, edge)
	if ctx.Err() != nil {
		return nil, errors.New("interrupted")
	}
	for _, res := range results {
		if res.Outcomes.Errors() > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %d of %d requests failed: %+v", res.Target, res.Outcomes.Errors(), res.Outcomes.Due, res.Outcomes))
		}
	}
	return results, err
}

// counters read the CPU of all targets at the edges of slices.
type counters struct {
	meters []*usage.Meter // one per target, then the generator's
	rows   []reading
	failed error
}

type reading struct {
	edge loadgen.Edge
	cpu  [][2]time.Duration // front and backend of each target, then the generator
}

func newCounters(targets []*target) (*counters, error) {
	c := &counters{}
	roles := make([][]usage.Role, 0, len(targets)+1)
	for _, a := range targets {
		roles = append(roles, a.roles)
	}
	roles = append(roles, []usage.Role{{Name: ancmbench.GeneratorRole, PIDs: []int{os.Getpid()}}})
	for _, r := range roles {
		m, err := usage.NewMeter(r)
		if err != nil {
			c.close()
			return nil, err
		}
		c.meters = append(c.meters, m)
	}
	return c, nil
}

func (c *counters) close() {
	for _, m := range c.meters {
		_ = m.Close()
	}
}

// edge is called with nothing in flight.
func (c *counters) edge(e loadgen.Edge) {
	r := reading{edge: e, cpu: make([][2]time.Duration, len(c.meters))}
	for i, m := range c.meters {
		n := 2
		if i == len(c.meters)-1 {
			n = 1
		}
		if err := m.ReadCPU(r.cpu[i][:n]); err != nil && c.failed == nil {
			c.failed = err
		}
	}
	c.rows = append(c.rows, r)
}

// slice returns the CPU used between the edges around one slice of one target.
func (c *counters) slice(index, target int) (row, bool) {
	for k := 1; k < len(c.rows); k++ {
		if e := c.rows[k].edge; e.Slice != index || e.Target != target {
			continue
		}
		before, after := c.rows[k-1].cpu, c.rows[k].cpu
		return row{
			front:     after[target][0] - before[target][0],
			backend:   after[target][1] - before[target][1],
			generator: after[len(after)-1][0] - before[len(before)-1][0],
		}, true
	}
	return row{}, false
}
