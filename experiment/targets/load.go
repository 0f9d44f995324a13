package targets

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
	"ancmbench/models"
)

// load is what is read of a target between Begin and End.
type load struct {
	watch    Watch
	cpu      []time.Duration // as Costs.CPU
	failed   error           // the first failure of a reading: it makes all of cpu useless
	calls    *usage.SystemCalls
	callsErr error
	sampling *sampling
	missed   []int // by role, as usage.Meter.Missed
	before   reading
}

// reading is what is read before and after a load rather than at its edges: user and
// system time, which the kernel samples by its tick, context switches, and system calls.
type reading struct {
	userSystem []usage.UserSystem // by role; nil if not read
	switches   []switchCount
	calls      []int64 // by role; nil if not counted
}

type switchCount struct {
	ancmbench.Switches
	of  []int // the processes
	err error
}

// someEdges is how many edges there is room for without growing: as many as the load of a
// usual phase has.
const someEdges = 1024

// Begin is Running.Begin.
func (c *counting) Begin(ctx context.Context, watch Watch) error {
	c.load = load{watch: watch, cpu: make([]time.Duration, 0, someEdges*len(c.roles))}
	if watch.SystemCalls {
		c.load.callsErr = c.countCalls()
	}
	if watch.Memory > 0 {
		c.load.sampling = sampleMemory(ctx, c, watch.Memory)
	}
	for k := range c.procs {
		if c.meter != nil {
			n, _ := c.meter.Missed(k)
			c.load.missed = append(c.load.missed, n)
		}
	}
	c.load.before = c.read()
	c.load.before.calls = c.readCalls() // last, so that the reading above is not counted
	return nil
}

// Edge is Running.Edge. It allocates nothing unless there are more than someEdges.
func (c *counting) Edge(time.Time) {
	l := &c.load
	at := len(l.cpu)
	for range c.roles {
		l.cpu = append(l.cpu, 0)
	}
	if c.meter == nil {
		return
	}
	if err := c.meter.ReadCPU(l.cpu[at:]); l.failed == nil {
		l.failed = err
	}
}

// End is Running.End.
func (c *counting) End(ctx context.Context) (Costs, error) {
	calls := c.readCalls() // first, so that the reading below is not counted
	loaded, why := c.load.sampling.end()
	err := c.load.close()
	after := c.read()
	if c.load.watch.Memory > 0 {
		c.readHeaps(ctx, loaded)
	}
	costs := Costs{CPU: c.load.cpu}
	if c.load.failed != nil {
		costs.Failed = c.load.failed.Error()
	}
	for k, role := range c.roles {
		u := ancmbench.RoleUsage{Role: role}
		if c.meter == nil || c.load.failed != nil {
			Unsupported(&u, "cpu", c.whyNoCPU(c.load.failed))
		} else if why := c.missed(k); why != "" {
			Unsupported(&u, "cpu", why)
		} else {
			u.CPU = &ancmbench.CPU{Source: c.meter.Source(k)}
		}
		if c.meter != nil {
			u.Processes = len(c.procs[k].PIDs)
		}
		c.fillReading(&u, k, after, calls)
		if c.load.watch.Memory > 0 {
			if u.Loaded = loaded[role]; u.Loaded == nil {
				Unsupported(&u, "memory_loaded", WhyUnread(why, role))
			}
			u.OverTime = c.load.sampling.overTime[role]
		}
		costs.Usage = append(costs.Usage, u)
	}
	if c.runtime != nil {
		costs.fillRuntime(ctx, c.runtime)
	}
	return costs, err
}

// missed returns why not all is known of what role k used since Begin, or "".
func (c *counting) missed(k int) string {
	if why := c.procs[k].Missing; why != "" {
		return why
	}
	n, why := c.meter.Missed(k)
	if k < len(c.load.missed) && n == c.load.missed[k] {
		return ""
	}
	return why
}

// fillReading fills in the differences between the readings before and after the load of
// role k.
func (c *counting) fillReading(u *ancmbench.RoleUsage, k int, after reading, calls []int64) {
	before := c.load.before
	if u.CPU != nil && before.userSystem != nil && after.userSystem != nil {
		u.CPU.User = ancmbench.Seconds(after.userSystem[k].User - before.userSystem[k].User)
		u.CPU.System = ancmbench.Seconds(after.userSystem[k].System - before.userSystem[k].System)
	}
	if k < len(before.switches) && k < len(after.switches) {
		fillSwitches(u, before.switches[k], after.switches[k])
	}
	if k < min(len(calls), len(before.calls)) {
		n := calls[k] - before.calls[k]
		u.SystemCalls = &n
	} else if c.load.watch.SystemCalls {
		Unsupported(u, "system_calls", reason(c.load.callsErr))
	}
}

// read reads user and system time, and context switches.
func (c *counting) read() (r reading) {
	if c.meter == nil {
		return r
	}
	us := make([]usage.UserSystem, len(c.procs))
	if err := c.meter.ReadUserSystem(us); err == nil {
		r.userSystem = us
	}
	for _, role := range c.procs {
		r.switches = append(r.switches, countSwitches(role))
	}
	return r
}

func countSwitches(role usage.Role) (n switchCount) {
	if role.Missing != "" {
		n.err = errors.New(role.Missing)
		return n
	}
	if n.of, n.err = role.Living(); n.err == nil {
		n.Switches, n.err = usage.ReadSwitches(n.of)
	}
	return n
}

// countCalls begins to count the target's system calls. It fails where that is not
// possible.
func (c *counting) countCalls() error {
	if c.meter == nil {
		return errors.New(c.whyNoCPU(nil))
	}
	calls, err := usage.OpenSystemCalls(c.procs)
	if err == nil {
		c.load.calls = calls
	}
	return err
}

// readCalls returns the system calls of each role so far; nil if they are not counted.
func (c *counting) readCalls() []int64 {
	if c.load.calls == nil {
		return nil
	}
	n := make([]int64, len(c.procs))
	if err := c.load.calls.Read(n); err != nil {
		return nil
	}
	return n
}

// close stops counting system calls.
func (l *load) close() error {
	if l.calls == nil {
		return nil
	}
	err := l.calls.Close()
	l.calls = nil
	return err
}

func fillSwitches(u *ancmbench.RoleUsage, before, after switchCount) {
	if err := cmp.Or(before.err, after.err); err != nil {
		Unsupported(u, "context_switches", err.Error())
		return
	}
	if !slices.Equal(before.of, after.of) {
		Unsupported(u, "context_switches", "processes began or ended during the load")
		return
	}
	u.Switches = &ancmbench.Switches{Voluntary: after.Voluntary - before.Voluntary,
		Involuntary: after.Involuntary - before.Involuntary}
}

func (c *Costs) fillRuntime(ctx context.Context, runtime func(context.Context) (map[string]models.Runtime, error)) {
	said, err := runtime(ctx)
	for k := range c.Usage {
		u := &c.Usage[k]
		if rt, ok := said[string(u.Role)]; ok {
			u.Runtime = &rt.GoRuntime
			c.Pauses = append(c.Pauses, rt)
		} else if err != nil {
			Unsupported(u, "go_runtime", err.Error())
		}
	}
}

func reason(err error) string {
	if err == nil {
		return "not read"
	}
	return err.Error()
}

// Unsupported records why a field of a role's usage is missing.
func Unsupported(u *ancmbench.RoleUsage, field, why string) {
	if u.Unsupported == nil {
		u.Unsupported = map[string]string{}
	}
	u.Unsupported[field] = why
}
