package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"ancmbench"
	"ancmbench/experiment/targets"
)

// The operations of serving agents. Each but the first names a target.
const (
	opStart     = "target.start"
	opAddress   = "target.address"
	opInfo      = "target.info"
	opOpen      = "target.open"
	opMemory    = "target.memory"
	opWatch     = "target.watch"
	opEdges     = "target.edges"
	opCosts     = "target.costs"
	opCompiled  = "target.compiled"
	opWarmed    = "target.warmed"
	opKill      = "target.kill"
	opRelaunch  = "target.relaunch"
	opLastWords = "target.last-words"
	opStopOne   = "target.stop"

	opEvent = "target.event" // a serving agent tells of a fault; has no answer
	opEnded = "target.ended" // a serving agent tells that a target has ended; has no answer
)

// start asks a serving agent to start a target.
type start struct {
	ID    int           `json:"id"`
	Spec  targets.Spec  `json:"spec"`
	Place targets.Place `json:"place"`
}

// of names a target, with what an operation needs besides.
type of struct {
	ID    int            `json:"id"`
	Front string         `json:"front,omitempty"`
	Role  ancmbench.Role `json:"role,omitempty"`
	Watch targets.Watch  `json:"watch,omitzero"`
	// Asked is that of targets.Running.Asked; nil if the load broke off.
	Asked *targets.Asked `json:"asked,omitempty"`
	// Follow is that of targets.Running.Compiled.
	Follow bool `json:"follow,omitempty"`
	// Edges are the instants at which the CPU is read, by the agent's clock.
	Edges []instant `json:"edges,omitempty"`
}

// told is what a serving agent tells of a target.
type told struct {
	ID    int                  `json:"id"`
	Event *ancmbench.SiteEvent `json:"event,omitempty"`
	Fault *fault               `json:"fault,omitempty"`
}

// served is a target that a serving agent has started.
type served struct {
	id      int
	running targets.Running
	reading sync.Mutex         // one order to read at edges at a time
	cancel  context.CancelFunc // ends the reading at edges
	edges   sync.WaitGroup
	read    atomic.Int64 // edges since the watch began
	steal   stealWatch
	// watching is set between the beginning of a watch and the question for its costs.
	watching bool
}

// mayStart returns why this host does not let a run start a target, or nil.
func (o *AgentOptions) mayStart(s start) error {
	p := s.Place
	bare := strings.IndexFunc(s.Spec.Name, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) }) < 0
	switch {
	case s.Spec.Name == "" || len(s.Spec.Name) > ancmbench.MaxName || !bare || strings.HasPrefix(s.Spec.Name, "."):
		return fmt.Errorf("%w: the target's name is none", ErrRefused)
	case o.Commands:
		return nil
	case s.Spec.Command != nil:
		return fmt.Errorf("%s: %w: a command starts only on a host whose agent was started with --allow-commands", s.Spec.Name, ErrRefused)
	case p.WebConfig != "" || p.Native.RequestLog != "" || p.Native.StaticFiles != "" || p.Native.Keytab != "":
		// A web.config names a program, and the native modules read and write files.
		return fmt.Errorf("%s: %w: web.config and files of native modules are used only on a host whose agent was started with --allow-commands", s.Spec.Name, ErrRefused)
	}
	return nil
}

// startTarget starts a target on this host.
func (s *session) startTarget(ctx context.Context, m message) (any, error) {
	var asked start
	if err := decode(m.Body, &asked); err != nil {
		return nil, err
	}
	if err := s.opt.mayStart(asked); err != nil {
		return nil, err
	}
	if s.opt.Start == nil {
		return nil, errors.New("this agent cannot start targets")
	}
	// What belongs to the host is the host's: the name of its cgroups, its cores, and
	// the address at which it is reached.
	asked.Place.Run, asked.Place.CPUs, asked.Place.GOMAXPROCS = s.runName(), s.opt.CPUs, max(1, s.opt.Cores)
	if s.opt.GOMAXPROCS > 0 {
		asked.Place.GOMAXPROCS = s.opt.GOMAXPROCS
	}
	asked.Place.Listen = s.opt.ServeAddress
	report := func(e ancmbench.SiteEvent) {
		_ = s.link.send(toCoordinator, message{Op: opEvent}, told{ID: asked.ID, Event: &e}) // lost with the session
	}
	running, err := s.opt.Start(ctx, asked.Spec, asked.Place, report)
	if err != nil {
		return nil, err
	}
	one := &served{id: asked.ID, running: running, cancel: func() {}}
	s.mu.Lock()
	over := s.ctx.Err() != nil || s.served[asked.ID] != nil
	if !over {
		s.served[asked.ID] = one
	}
	s.mu.Unlock()
	if over {
		return nil, errors.Join(errors.New("the session has ended"), running.Stop(ctx))
	}
	go func() {
		select {
		case <-running.Done():
			_ = s.link.send(toCoordinator, message{Op: opEnded}, told{ID: asked.ID, Fault: faultOf(running.Err())}) // lost with the session
		case <-s.ctx.Done():
		}
	}()
	return nil, nil
}

// runName names the cgroups of a session. The process comes first: cgroups of one that has
// ended are found by it.
func (s *session) runName() string {
	return fmt.Sprintf("%d-%s", os.Getpid(), strings.ToLower(s.id[:10]))
}

// find returns the target that a message names.
func (s *session) find(m message) (*served, of, error) {
	var asked of
	if err := decode(m.Body, &asked); err != nil {
		return nil, asked, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.served[asked.ID]
	if one == nil {
		return nil, asked, fmt.Errorf("target %d does not run here", asked.ID)
	}
	return one, asked, nil
}

// serve carries out what is asked of a target.
func (s *session) serve(ctx context.Context, m message) (any, error) {
	if m.Op == opStart {
		return s.startTarget(ctx, m)
	}
	one, asked, err := s.find(m)
	if err != nil {
		return nil, err
	}
	r := one.running
	switch m.Op {
	case opAddress:
		return r.Target(asked.Front)
	case opInfo:
		return r.Info(), nil
	case opOpen:
		return nil, r.Open(ctx)
	case opMemory:
		return r.Memory(ctx)
	case opWatch:
		one.steal.read = s.opt.Stolen
		one.steal.begin()
		one.read.Store(0)
		err := r.Begin(s.ctx, asked.Watch) // it lasts longer than this call
		s.watch(one, err == nil)
		return nil, err
	case opEdges:
		if len(asked.Edges) == 0 || s.clock.now() > asked.Edges[0].d() {
			return nil, errLate
		}
		return nil, s.readAt(one, asked.Edges)
	case opCosts:
		one.endReading()
		s.watch(one, false)
		if asked.Asked != nil {
			r.Asked(*asked.Asked)
		}
		costs, err := r.End(ctx)
		if c, ok := one.steal.end(); ok {
			if w, doubt := stealDoubt(c, "the serving host"); doubt {
				costs.Warnings = append(costs.Warnings, w)
			}
		}
		s.place(&costs)
		return costs, err
	case opCompiled:
		return r.Compiled(s.ctx, asked.Follow) // what it follows lasts longer than this call
	case opWarmed:
		return nil, r.Warmed(ctx)
	case opKill:
		at, err := r.Kill(ctx, asked.Role)
		return s.shown(at), err
	case opRelaunch:
		at, err := r.Relaunch(ctx)
		return s.shown(at), err
	case opLastWords:
		return r.LastWords(ctx), nil
	case opStopOne:
		s.mu.Lock()
		delete(s.served, one.id)
		s.mu.Unlock()
		return nil, one.stop(ctx)
	}
	return nil, fmt.Errorf("this agent does not know the operation %q", m.Op)
}

// watch notes whether the CPU of a target is read at the edges of a load.
func (s *session) watch(one *served, is bool) {
	s.mu.Lock()
	one.watching = is
	s.mu.Unlock()
}

// watched returns the targets whose CPU is read at the edges of a load.
func (s *session) watched() (out []*served) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.served {
		if one.watching {
			out = append(out, one)
		}
	}
	return out
}

// shown returns an instant as the agent's clock shows it.
func (s *session) shown(at time.Time) reading {
	return reading{Now: instantOf(s.clock.now() - time.Since(at))}
}

// readAt reads the CPU of a target at the instants of a timetable, until all are over, another
// one comes or the costs are asked for. It fails if the edges of an earlier one were read already.
func (s *session) readAt(one *served, edges []instant) error {
	one.reading.Lock()
	defer one.reading.Unlock()
	one.cancel() // the load begins anew, because another agent was told too late
	one.edges.Wait()
	if one.read.Load() > 0 {
		return errors.New("the CPU was read already for a load that did not begin")
	}
	ctx, cancel := context.WithCancel(s.ctx)
	one.cancel = cancel
	one.edges.Go(func() {
		timer := time.NewTimer(0)
		defer timer.Stop()
		for _, e := range edges {
			at := s.clock.at(e.d())
			timer.Reset(time.Until(at))
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			one.running.Edge(at)
			one.read.Add(1)
		}
	})
	return nil
}

// place puts the pauses of the collectors on the session's clock, whose offset to the
// coordinator's is known; they come by this machine's time of day.
func (s *session) place(c *targets.Costs) {
	movePauses(c, s.clock.now()-time.Duration(time.Now().UnixNano()))
}

// movePauses moves the pauses of all collectors in time.
func movePauses(c *targets.Costs, by time.Duration) {
	for i := range c.Pauses {
		rt := &c.Pauses[i]
		if !rt.PausesFrom.IsZero() {
			rt.PausesFrom = rt.PausesFrom.Add(by)
		}
		rt.Pauses = slices.Clone(rt.Pauses)
		for k := range rt.Pauses {
			rt.Pauses[k].End = rt.Pauses[k].End.Add(by)
		}
	}
}

// endReading ends the reading at edges.
func (o *served) endReading() {
	o.reading.Lock()
	defer o.reading.Unlock()
	o.cancel()
	o.edges.Wait()
}

// stop stops the target.
func (o *served) stop(ctx context.Context) error {
	o.endReading()
	return o.running.Stop(ctx)
}

// stopAll stops every target that the session has started, all at the same time.
func (s *session) stopAll() {
	s.mu.Lock()
	all := s.served
	s.served = map[int]*served{}
	s.mu.Unlock()
	var wg sync.WaitGroup
	for _, one := range all {
		wg.Go(func() {
			_ = one.stop(context.Background()) // nobody is there to hear it
		})
	}
	wg.Wait()
}
