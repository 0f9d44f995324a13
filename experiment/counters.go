package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// counters reads the CPU of every role of every target, and the generator's, at slice
// edges. Afterwards it attributes the differences to a target's own slices and to those
// of the others.
type counters struct {
	targets []*target
	self    *usage.Meter // the generator's; nil if it cannot be read
	source  string       // of the generator's CPU
	edges   []loadgen.Edge
	own     []time.Duration // the generator's CPU at each edge
	failed  error
}

// newCounters prepares the reading of one load on the targets. End it with costs.
func newCounters(ctx context.Context, live []*target, watch targets.Watch) (*counters, error) {
	const edges = 1024
	c := &counters{edges: make([]loadgen.Edge, 0, edges), own: make([]time.Duration, 0, edges)}
	c.self, c.failed = usage.NewMeter([]usage.Role{{Name: ancmbench.GeneratorRole, PIDs: []int{os.Getpid()}}})
	if c.self != nil {
		c.source = c.self.Source(0)
	}
	for _, a := range live {
		if err := a.running.Begin(ctx, watch); err != nil {
			c.costs(ctx)
			return nil, err
		}
		c.targets = append(c.targets, a)
	}
	return c, nil
}

// edge is the engine's edge callback. No request is in flight while it runs.
func (c *counters) edge(e loadgen.Edge) {
	for _, a := range c.targets {
		a.running.Edge(e.At)
	}
	var own [1]time.Duration
	if c.self != nil {
		if err := c.self.ReadCPU(own[:]); c.failed == nil {
			c.failed = err
		}
	}
	c.edges, c.own = append(c.edges, e), append(c.own, own[0])
}

// asked tells each target what it was asked for.
func (c *counters) asked(results []ancmbench.Result) {
	for i, a := range c.targets {
		asked := targets.Asked{Requests: results[i].Outcomes.Sent, Own: make([]bool, len(c.edges))}
		for k, e := range c.edges {
			asked.Own[k] = e.Target == i
		}
		a.running.Asked(asked)
	}
}

// costs ends the reading and returns what each target's processes used. One failed reading
// makes every CPU figure of the trial useless.
func (c *counters) costs(ctx context.Context) ([]targets.Costs, error) {
	var out []targets.Costs
	var errs error
	for _, a := range c.targets {
		costs, err := a.running.End(ctx)
		errs = errors.Join(errs, err)
		if costs.Failed != "" && c.failed == nil {
			c.failed = errors.New(costs.Failed)
		}
		if need := len(c.edges) * len(costs.Usage); len(costs.CPU) != need && c.failed == nil {
			c.failed = fmt.Errorf("%s: %d CPU readings at %d edges of %d roles", a.spec.Name, len(costs.CPU), len(c.edges), len(costs.Usage))
		}
		out = append(out, costs)
	}
	if c.self != nil {
		errs = errors.Join(errs, c.self.Close())
	}
	return out, errs
}

// zero returns when the load began: the first edge, or the zero time if there was none.
func (c *counters) zero() time.Time {
	if len(c.edges) == 0 {
		return time.Time{}
	}
	return c.edges[0].At
}

// fill writes what was read into the results, per slice and summed per role. results[i]
// belongs to targets[i].
func (c *counters) fill(results []ancmbench.Result, costs []targets.Costs) {
	shared := sharing(c.targets)
	for i := range results {
		c.fillTarget(&results[i], i, costs[i], shared)
	}
}

// fillTarget fills the result of target i.
func (c *counters) fillTarget(res *ancmbench.Result, i int, costs targets.Costs, shared shares) {
	n := len(costs.Usage)
	elsewhere := takeGenerators(res)
	res.Usage = costs.Usage
	generator := ancmbench.RoleUsage{Role: ancmbench.GeneratorRole, Processes: 1}
	if c.self != nil && c.failed == nil {
		generator.CPU = &ancmbench.CPU{Source: c.source}
	} else {
		targets.Unsupported(&generator, "cpu", reason(c.failed))
	}
	res.Usage = append(res.Usage, generator)
	for k := range res.Usage[:n] {
		if u := &res.Usage[k]; c.failed != nil && u.CPU != nil {
			u.CPU = nil
			targets.Unsupported(u, "cpu", c.failed.Error())
		}
	}
	for _, w := range costs.Warnings {
		w.Phase, w.Target = res.Phase, res.Target
		res.Warnings = append(res.Warnings, w)
	}
	c.fillCPU(res, i, shared, func(edge, column int) time.Duration {
		if column == n {
			return c.own[edge]
		}
		return costs.At(edge, column)
	})
	elsewhere.put(res, n)
	checkBackground(res)
	checkReconnects(res, costs.Reconnects)
}

// generators is what load generators of other machines used, as their engine reports it.
type generators struct {
	usage  ancmbench.RoleUsage
	slices []ancmbench.Seconds // by the place in Result.Slices; nil if it was not read
}

// takeGenerators takes the generators' usage out of an engine's result; nil if the engine
// ran in this process, whose CPU is read here.
func takeGenerators(res *ancmbench.Result) *generators {
	if len(res.Usage) == 0 {
		return nil
	}
	g := &generators{usage: res.Usage[0]}
	for i := range res.Slices {
		if len(res.Slices[i].CPU) == 1 {
			g.slices = append(g.slices, res.Slices[i].CPU[0])
		}
		res.Slices[i].CPU = nil
	}
	if len(g.slices) != len(res.Slices) {
		g.slices = nil
	}
	return g
}

// put replaces the CPU of this process, which only waited, by that of the generators. n is
// the number of the target's roles, which come before.
func (g *generators) put(res *ancmbench.Result, n int) {
	if g == nil {
		return
	}
	res.Usage[n] = g.usage
	for i := range res.Slices {
		if row := &res.Slices[i]; len(row.CPU) == n+1 && g.slices != nil {
			row.CPU[n] = g.slices[i]
		} else {
			row.CPU = nil // one of the sides could not be read
		}
	}
}

// checkBackground checks how much CPU the target used while others were loaded. Such work
// disturbs the others' slices and is missing in its own.
func checkBackground(res *ancmbench.Result) {
	var used, others ancmbench.Seconds
	for _, u := range res.Usage {
		if u.Role != ancmbench.GeneratorRole && u.CPU != nil {
			used += u.CPU.Background
			others = max(others, u.CPU.Others)
		}
	}
	if others == 0 { // one target, a duel, or no counter, which Usage says
		return
	}
	check := ancmbench.Check{Name: backgroundCheck, Value: used.Float() / others.Float(), Bound: BackgroundShare}
	res.Checks = append(res.Checks, check)
	if !check.OK() {
		res.Warnings = append(res.Warnings, ancmbench.Warning{Code: ancmbench.WarnBackgroundCPU,
			Phase: res.Phase, Target: res.Target, Value: check.Value, Bound: check.Bound})
	}
}

// backgroundCheck is the name of the check; its value is a share of one core.
const backgroundCheck = "background_cpu_share"

// fillCPU attributes the CPU used between two edges to the slice between them. read
// returns what the role of an element of res.Usage had used at an edge.
func (c *counters) fillCPU(res *ancmbench.Result, i int, shared shares, read func(edge, column int) time.Duration) {
	rowOf := make(map[int]*ancmbench.SliceRow, len(res.Slices))
	for k := range res.Slices {
		rowOf[res.Slices[k].Index] = &res.Slices[k]
	}
	for k := 1; k < len(c.edges); k++ {
		before, after := c.edges[k-1], c.edges[k]
		took := ancmbench.Seconds(after.At.Sub(before.At))
		own := after.Target == i
		together := after.Target < 0 // a duel has no slices of one target
		slice := rowOf[after.Slice]
		for j := range res.Usage {
			cpu := res.Usage[j].CPU
			if cpu == nil {
				continue
			}
			d := ancmbench.Seconds(read(k, j) - read(k-1, j))
			switch {
			case together && shared.any(i, res.Usage[j].Role):
				res.Usage[j].CPU = nil
				targets.Unsupported(&res.Usage[j], "cpu", "a process of it serves another target too, and both were loaded at once")
			case together && res.Usage[j].Role != ancmbench.GeneratorRole:
				cpu.Own += d // the target's own processes used it
			case own:
				cpu.Own += d
				if slice != nil {
					slice.CPU = append(slice.CPU, d)
				}
			case !together && !shared.with(i, res.Usage[j].Role, after.Target):
				cpu.Background += d
				cpu.Others += took
			}
		}
	}
}

func reason(err error) string {
	if err == nil {
		return "not read"
	}
	return err.Error()
}
