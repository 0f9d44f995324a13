package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"ancmbench"
	"ancmbench/experiment/targets"
	"ancmbench/loadgen"
)

// Start is a targets.Start: it starts the target on a serving agent.
func (c *Coordinator) Start(ctx context.Context, spec targets.Spec, place targets.Place, report func(ancmbench.SiteEvent)) (targets.Running, error) {
	if err := c.Await(ctx, 0, 1, c.rejoin()); err != nil {
		return nil, err
	}
	all := c.first("serve", 1)
	if len(all) == 0 {
		return nil, &Missing{Role: "serve", Want: 1, Waited: c.rejoin().String()}
	}
	c.mu.Lock()
	c.started++
	r := &remote{member: all[0], id: c.started, name: spec.Name, report: report, done: make(chan struct{})}
	c.remotes[r.id] = r
	c.mu.Unlock()
	if err := r.member.call(ctx, opStart, start{ID: r.id, Spec: spec, Place: place}, nil); err != nil {
		c.forget(r)
		return nil, named(r.member, err)
	}
	go r.watch()
	return r, nil
}

// rejoin is how long the coordinator waits for an agent in place of one that was lost.
func (c *Coordinator) rejoin() time.Duration { return max(c.opt.Rejoin, beatEvery) }

func (c *Coordinator) forget(r *remote) {
	c.mu.Lock()
	delete(c.remotes, r.id)
	c.mu.Unlock()
}

// remote is a target on a serving agent.
type remote struct {
	member *member
	id     int
	name   string
	report func(ancmbench.SiteEvent)

	mu       sync.Mutex
	ended    sync.Once
	done     chan struct{}
	err      error // set before done is closed
	watching bool  // between Begin and End
	asked    *targets.Asked
}

// watch ends the target when its agent is lost.
func (r *remote) watch() {
	select {
	case <-r.member.lost:
		r.end(fmt.Errorf("%s: %w", r.name, r.member.why))
	case <-r.done:
	}
}

func (r *remote) end(err error) {
	r.ended.Do(func() {
		r.err = err
		close(r.done)
	})
}

// hear takes what the agent tells of the target.
func (r *remote) hear(op string, t told) {
	switch {
	case op == opEnded:
		r.end(t.Fault.err())
	case op == opEvent && t.Event != nil && r.report != nil:
		t.Event.Target = r.name
		r.report(*t.Event)
	}
}

// ask asks the agent, naming the target.
func (r *remote) ask(ctx context.Context, op string, asked of, out any) error {
	asked.ID = r.id
	return r.member.call(ctx, op, asked, out)
}

// askMost bounds the calls of methods that have no context.
const askMost = 10 * time.Second

// Target is targets.Running's.
func (r *remote) Target(front string) (t ancmbench.Target, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), askMost)
	defer cancel()
	err = r.ask(ctx, opAddress, of{Front: front}, &t)
	return t, err
}

// Info is targets.Running's; it is empty if the agent does not answer.
func (r *remote) Info() (i targets.Info) {
	ctx, cancel := context.WithTimeout(context.Background(), askMost)
	defer cancel()
	_ = r.ask(ctx, opInfo, of{}, &i) // the next call that can fail does
	return i
}

// Open is targets.Running's.
func (r *remote) Open(ctx context.Context) error { return r.ask(ctx, opOpen, of{}, nil) }

// Memory is targets.Running's.
func (r *remote) Memory(ctx context.Context) (m map[ancmbench.Role]*ancmbench.MemoryUse, err error) {
	err = r.ask(ctx, opMemory, of{}, &m)
	return m, err
}

// Begin is targets.Running's.
func (r *remote) Begin(ctx context.Context, watch targets.Watch) error {
	err := r.ask(ctx, opWatch, of{Watch: watch}, nil)
	r.mu.Lock()
	r.watching = err == nil
	r.mu.Unlock()
	return err
}

// Edge is targets.Running's: the agent reads the CPU itself, at the instants of the load's
// timetable.
func (r *remote) Edge(time.Time) {}

// Asked is targets.Running's; End tells it to the agent.
func (r *remote) Asked(asked targets.Asked) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = &asked
}

// End is targets.Running's. The pauses of collectors are placed on this machine's clock.
func (r *remote) End(ctx context.Context) (c targets.Costs, err error) {
	r.mu.Lock()
	r.watching = false
	asked := r.asked
	r.asked = nil
	r.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	if err = r.ask(ctx, opCosts, of{Asked: asked}, &c); err != nil || len(c.Pauses) == 0 || r.member.hello.Local {
		return c, err // an agent of this process has this machine's time
	}
	clock, err := r.member.estimate(ctx)
	movePauses(&c, -clock.Offset.D())
	return c, err
}

// Compiled is targets.Running's.
func (r *remote) Compiled(ctx context.Context, follow bool) (c targets.Compiled, err error) {
	err = r.ask(ctx, opCompiled, of{Follow: follow}, &c)
	return c, err
}

// Warmed is targets.Running's.
func (r *remote) Warmed(ctx context.Context) error { return r.ask(ctx, opWarmed, of{}, nil) }

// Kill is targets.Running's. The instant is known as well as the agent's clock.
func (r *remote) Kill(ctx context.Context, role ancmbench.Role) (time.Time, error) {
	return r.instant(ctx, opKill, of{Role: role})
}

// Relaunch is targets.Running's.
func (r *remote) Relaunch(ctx context.Context) (time.Time, error) {
	return r.instant(ctx, opRelaunch, of{})
}

// instant asks for something that returns an instant, and translates it to this machine's
// clock.
func (r *remote) instant(ctx context.Context, op string, asked of) (time.Time, error) {
	clock, err := r.member.estimate(ctx)
	if err != nil {
		return time.Time{}, err
	}
	var at reading
	if err := r.ask(ctx, op, asked, &at); err != nil {
		return time.Time{}, err
	}
	return r.member.c.clock.at(at.Now.d() - clock.Offset.D()), nil
}

// Done is targets.Running's.
func (r *remote) Done() <-chan struct{} { return r.done }

// Err is targets.Running's.
func (r *remote) Err() error { return r.err }

// LastWords is targets.Running's.
func (r *remote) LastWords(ctx context.Context) (s string) {
	_ = r.ask(ctx, opLastWords, of{}, &s) // the agent may be the reason for the question
	return s
}

// Stop is targets.Running's. The agent of a target that was lost has stopped it, or does
// when it hears no pulse.
func (r *remote) Stop(ctx context.Context) error {
	defer r.member.c.forget(r)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTargetMost)
	defer cancel()
	err := r.ask(ctx, opStopOne, of{}, nil)
	var lost *Lost
	if errors.As(err, &lost) {
		err = nil // Err says so
	}
	r.end(nil)
	return err
}

// stopTargetMost is longer than a target's own limits.
const stopTargetMost = 40 * time.Second

// watched returns the targets whose CPU is read during a load.
func (c *Coordinator) watched() (out []*remote) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.remotes {
		r.mu.Lock()
		if r.watching {
			out = append(out, r)
		}
		r.mu.Unlock()
	}
	return out
}

// Once is loadgen.Once, carried out by the first load agent.
func (c *Coordinator) Once(ctx context.Context, t ancmbench.Target) (time.Duration, error) {
	if err := c.Await(ctx, 1, 0, c.rejoin()); err != nil {
		return 0, err
	}
	all := c.first("load", 1)
	if len(all) == 0 {
		return 0, &Missing{Role: "load", Want: 1, Waited: c.rejoin().String()}
	}
	var a answered
	err := all[0].call(ctx, opOnce, once{Target: t, Serving: c.serving()}, &a)
	return a.Took.D(), err
}

// servingClocks compares the clocks of the serving agents of this load.
func (r *joint) servingClocks(ctx context.Context) (map[*member]ancmbench.Clock, error) {
	clocks := map[*member]ancmbench.Clock{}
	for _, target := range r.engine.Coordinator.watched() {
		m := target.member
		if _, known := clocks[m]; known {
			continue
		}
		clock, err := m.known(ctx)
		if err != nil {
			return nil, err
		}
		clocks[m] = clock
	}
	return clocks, nil
}

// tellEdges tells the serving agents when to read the CPU of what they serve.
func (r *joint) tellEdges(ctx context.Context, plan *loadgen.Plan, clocks map[*member]ancmbench.Clock) error {
	planned := plan.Edges()
	for _, target := range r.engine.Coordinator.watched() {
		clock, known := clocks[target.member]
		if !known {
			continue // it began to be watched only now: not for this load
		}
		edges := make([]instant, len(planned))
		for i, e := range planned {
			edges[i] = instantOf(r.began + e.At + clock.Offset.D())
		}
		if err := target.ask(ctx, opEdges, of{Edges: edges}, nil); err != nil {
			return named(target.member, err)
		}
	}
	return nil
}
