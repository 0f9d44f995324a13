package experiment

import (
	"os"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/loadgen"
)

// counters reads the CPU of every role of every target, and the generator's, at slice
// edges. Afterwards it attributes the differences to a target's own slices and to those
// of the others.
type counters struct {
	targets []*target
	self    *usage.Meter // the generator's; nil if it cannot be read
	width   int          // readings per row: all roles of all targets, then the generator
	rows    []edgeRow
	failed  error
}

type edgeRow struct {
	edge     loadgen.Edge
	readings []time.Duration
}

func newCounters(targets []*target, edges int) *counters {
	c := &counters{targets: targets, rows: make([]edgeRow, 0, edges)}
	c.self, c.failed = usage.NewMeter([]usage.Role{{Name: ancmbench.GeneratorRole, PIDs: []int{os.Getpid()}}})
	for _, a := range targets {
		c.width += len(a.roles)
	}
	c.width++
	return c
}

// edge is the engine's edge callback. No request is in flight while it runs.
func (c *counters) edge(e loadgen.Edge) {
	row := edgeRow{edge: e, readings: make([]time.Duration, c.width)}
	at := 0
	for _, a := range c.targets {
		n := len(a.roles)
		if a.meter != nil {
			c.keep(a.meter.ReadCPU(row.readings[at : at+n]))
		}
		at += n
	}
	if c.self != nil {
		c.keep(c.self.ReadCPU(row.readings[at:]))
	}
	c.rows = append(c.rows, row)
}

// zero returns when the load began: the first edge, or the zero time if there was none.
func (c *counters) zero() time.Time {
	if len(c.rows) == 0 {
		return time.Time{}
	}
	return c.rows[0].edge.At
}

// keep keeps the first failure: one makes every CPU figure of the trial useless.
func (c *counters) keep(err error) {
	if c.failed == nil {
		c.failed = err
	}
}

// fill writes the readings into the results, per slice and summed per role. results[i]
// belongs to targets[i].
func (c *counters) fill(results []ancmbench.Result) {
	at := 0
	for i, a := range c.targets {
		c.fillTarget(&results[i], i, at, a)
		at += len(a.roles)
	}
}

// fillTarget fills the result of target i. Its columns begin at at; the last column is the
// generator's.
func (c *counters) fillTarget(res *ancmbench.Result, i, at int, a *target) {
	columns := make([]int, 0, len(a.roles)+1)
	for k, role := range a.roles {
		u := ancmbench.RoleUsage{Role: role}
		if a.meter != nil && c.failed == nil {
			u.Processes = len(a.procs[k].PIDs)
			u.CPU = &ancmbench.CPU{Source: a.meter.Source(k)}
		} else {
			unsupported(&u, "cpu", a.whyNoCPU(c.failed))
		}
		res.Usage = append(res.Usage, u)
		columns = append(columns, at+k)
	}
	generator := ancmbench.RoleUsage{Role: ancmbench.GeneratorRole, Processes: 1}
	if c.self != nil && c.failed == nil {
		generator.CPU = &ancmbench.CPU{Source: c.self.Source(0)}
	} else {
		unsupported(&generator, "cpu", reason(c.failed))
	}
	res.Usage = append(res.Usage, generator)
	columns = append(columns, c.width-1)

	c.fillCPU(res, i, columns)
	checkBackground(res)
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

// fillCPU attributes the CPU used between two edges to the slice between them.
func (c *counters) fillCPU(res *ancmbench.Result, i int, columns []int) {
	rowOf := make(map[int]*ancmbench.SliceRow, len(res.Slices))
	for k := range res.Slices {
		rowOf[res.Slices[k].Index] = &res.Slices[k]
	}
	for k := 1; k < len(c.rows); k++ {
		before, after := c.rows[k-1], c.rows[k]
		took := ancmbench.Seconds(after.edge.At.Sub(before.edge.At))
		own := after.edge.Target == i
		shared := after.edge.Target < 0 // a duel has no slices of one target
		slice := rowOf[after.edge.Slice]
		for j, col := range columns {
			cpu := res.Usage[j].CPU
			if cpu == nil {
				continue
			}
			d := ancmbench.Seconds(after.readings[col] - before.readings[col])
			switch {
			case shared && j < len(columns)-1:
				cpu.Own += d // the target's own processes used it
			case own:
				cpu.Own += d
				if slice != nil {
					slice.CPU = append(slice.CPU, d)
				}
			case !shared:
				cpu.Background += d
				cpu.Others += took
			}
		}
	}
}

func (a *target) whyNoCPU(failed error) string {
	switch {
	case a.unsupported != "":
		return a.unsupported
	case failed != nil:
		return failed.Error()
	default:
		return "no process found"
	}
}
