package targets

import (
	"context"
	"slices"
	"time"

	"ancmbench"
	"ancmbench/internal/usage"
)

// course finds out to which processes the requests to a server go on.
type course struct {
	// behind are the processes found until now.
	behind usage.Role
	// strangers are processes that the server asks for others: for other targets that it
	// serves as well.
	strangers []int

	watch  *usage.Watch
	failed string // why there is no watch
	every  bool   // the load is observed at each edge
	asked  *Asked // nil if the load broke off
	stop   func() // ends the sampling
}

// samplePeriod is how often connections that live shorter than a slice are looked for.
const samplePeriod = 5 * time.Millisecond

// begin observes a load. every is that at each edge, and wanted is false if the user has
// named what is behind. It fails if ctx ends.
func (c *course) begin(ctx context.Context, every bool, procs []usage.Role, wanted bool) error {
	c.asked, c.every = nil, every
	if len(procs) == 0 || procs[0].Missing != "" || !wanted {
		return nil
	}
	if c.watch == nil && c.failed == "" {
		w, err := usage.NewWatch()
		if err != nil {
			c.failed = err.Error()
			return nil
		}
		c.watch = w
		w.Follow(procs[0].PIDs)
		if err := w.Quiet(ctx); err != nil {
			return err
		}
	}
	if c.watch == nil {
		return nil
	}
	for _, role := range procs {
		c.watch.Follow(role.PIDs)
	}
	c.watch.Begin()
	if every {
		c.stop = c.watch.SampleEvery(samplePeriod)
	}
	return nil
}

// edge is an edge of the load.
func (c *course) edge() {
	if c.watch != nil && c.every {
		c.watch.Edge()
	}
}

// end ends the observation. changed reports that the load reached processes that were not
// counted, or that cannot be found: those are then in the role returned.
func (c *course) end(procs []usage.Role) (role usage.Role, changed bool) {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	if c.watch == nil || len(procs) == 0 || c.asked == nil {
		if c.failed != "" && len(procs) > 0 && c.behind.Missing == "" {
			c.behind = usage.Role{Name: ancmbench.RoleUpstream, Missing: "what is behind the server cannot be found: " + c.failed}
			return c.behind, true
		}
		return role, false
	}
	own := func(edge int) bool { return edge < len(c.asked.Own) && c.asked.Own[edge] }
	if !c.every {
		c.watch.Edge() // the whole load
	}
	if !c.every || !slices.Contains(c.asked.Own, true) { // else the targets were loaded by turns
		own = func(int) bool { return true }
	}
	alone := !slices.Contains(c.asked.Own[min(1, len(c.asked.Own)):], false) // the first edge begins the load
	found := c.watch.Behind(procs[0], own, alone || c.every && slices.Contains(c.asked.Own, true), c.asked.Requests)
	if c.every {
		others := c.watch.Behind(procs[0], func(edge int) bool { return !own(edge) }, false, c.asked.Requests)
		c.strangers = append(c.strangers, others.PIDs...)
	}
	return c.learn(found)
}

// learn adds what a load has shown to what is known.
func (c *course) learn(found usage.Role) (role usage.Role, changed bool) {
	known := slices.Clone(c.behind.PIDs)
	fresh := slices.DeleteFunc(slices.Clone(found.PIDs), func(pid int) bool {
		return slices.Contains(known, pid) || !c.every && slices.Contains(c.strangers, pid)
	})
	if len(fresh) == 0 && (found.Missing == "" || found.Missing == c.behind.Missing) {
		return c.behind, false
	}
	if len(known) == 0 {
		missing := c.behind.Missing
		c.behind = found
		if c.behind.Missing == "" {
			c.behind.Missing = missing
		}
	} else {
		c.behind = c.behind.With(found)
	}
	return c.behind, true
}

// reset forgets what is known, because the server was started anew.
func (c *course) reset() {
	c.close()
	*c = course{}
}

// close ends the observation for good.
func (c *course) close() {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	if c.watch != nil {
		c.watch.Close()
		c.watch = nil
	}
}
