package wire

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"ancmbench"
	"ancmbench/loadgen"
)

// Engine is the native load engine. The zero value works. Its connections stay
// open from one Run to the next where the address is the same; Close ends them.
type Engine struct {
	// Shards is the number of threads; zero means half the cores, and 1 where
	// there are fewer than 4. It is never more than there are connections.
	Shards int

	mu      sync.Mutex          // held by a Run
	kept    []*shard            // what stays between runs
	current atomic.Pointer[run] // or the last one
}

// run is what the shards of one Run share.
type run struct {
	plan      *loadgen.Plan
	load      ancmbench.Load
	timetable *timetable
	parts     []*shard
	begin     func() (time.Time, error) // nil if this is the only generator
	edge      func(loadgen.Edge)
	quit      <-chan struct{} // the caller's
	stopped   atomic.Bool
	mu        sync.Mutex
	cause     error // of the stop

	// The edge between slices: written by the shard that arrives last, read by
	// the others after round has changed.
	arrived atomic.Int32
	round   atomic.Int32
	base    time.Time
	epoch   time.Duration
	seen    []counts          // by shard and target, for the share of errors
	reached map[string]string // address by which a target is spoken to
}

// counts are requests that have ended, published by their shard.
type counts struct {
	sent, failed atomic.Int64
	_            [48]byte
}

func (r *run) shards() int { return len(r.parts) }

// RunJoint carries out the load, as loadgen.Joint says. begin is nil if this is the only
// generator.
func (e *Engine) RunJoint(ctx context.Context, load ancmbench.Load, begin func() (time.Time, error), edge func(loadgen.Edge)) ([]ancmbench.Result, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.Supports(load); err != nil {
		return nil, err
	}
	plan, err := loadgen.NewPlan(load)
	if err != nil {
		return nil, err
	}
	if err := raiseFileLimit(load); err != nil {
		return nil, err
	}
	r := &run{plan: plan, load: plan.Load(), begin: begin, edge: edge, quit: ctx.Done(), base: time.Now(), reached: map[string]string{}}
	if err := e.prepare(ctx, r); err != nil {
		return nil, err
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		r.stop(context.Cause(ctx))
	})
	defer func() {
		if !stop() {
			<-stopped // it uses pollers that may be closed after this Run
		}
	}()
	release := holdGC()
	defer release()
	e.current.Store(r)
	meter := loadgen.NewMeter()
	meter.Threads = r.shards()
	waited := r.drive()
	g := meter.Read()
	g.RunQueue += waited // the shards' threads have ended, so the meter missed them
	for _, s := range r.parts {
		g.Spun += s.spun
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results(g), r.cause
}

// shards returns the number of threads for a load.
func (e *Engine) shards(connections int) int {
	n := e.Shards
	if n <= 0 {
		n = 1
		if cores := runtime.NumCPU(); cores >= 4 {
			n = cores / 2
		}
	}
	return max(1, min(n, connections))
}

// prepare gives each shard its part of the load.
func (e *Engine) prepare(ctx context.Context, r *run) error {
	n := e.shards(r.load.Connections)
	for len(e.kept) < n {
		s, err := newShard(len(e.kept))
		if err != nil {
			return fmt.Errorf("wire engine: %w", err)
		}
		e.kept = append(e.kept, s)
	}
	r.parts = e.kept[:n]
	r.seen = make([]counts, n*len(r.load.Targets))
	for _, s := range r.parts {
		if err := s.prepare(ctx, r); err != nil {
			return err
		}
	}
	r.timetable = newTimetable(r.plan, n)
	return nil
}

// prepare prepares a shard for a run, and keeps its connections to the same addresses.
func (s *shard) prepare(ctx context.Context, r *run) error {
	s.probe()
	lead, err := loadgen.SpinLead(r.load.Spin)
	if err != nil {
		return err
	}
	most, _ := loadgen.SpinLead(loadgen.Precise)
	s.precise = r.plan.Open() && lead == most
	s.run, s.base, s.lead, s.timeout = r, r.base, lead, r.plan.Timeout()
	s.closedLoop, s.think = !r.plan.Open(), r.load.Arrivals.Think.D()
	s.stage, s.round, s.seg, s.dues, s.spun = opening, 0, loadgen.Segment{}, nil, 0
	s.openBy = min(s.timeout, openMost)
	for _, c := range s.again {
		c.again = false
	}
	s.again, s.targets = s.again[:0], s.targets[:0]
	s.thinking.clear()
	s.paused.clear()
	n := r.shards()
	s.most = -1
	if most := r.load.Requests; most > 0 {
		s.most = most / int64(n)
		if int64(s.id) < most%int64(n) {
			s.most++
		}
	}
	connections := r.load.Connections / n
	if s.id < r.load.Connections%n {
		connections++
	}
	same := map[string]int{}
	for i, t := range r.load.Targets {
		key := t.Network + " " + t.Address
		same[key]++
		p, err := s.pool(ctx, key+" "+strconv.Itoa(same[key]), t)
		if err != nil {
			return err
		}
		if p.requests, err = newRequests(t); err != nil {
			return err
		}
		p.rec = loadgen.NewRecorder(r.plan, i)
		p.bound = max(1, r.load.Backlog/n)
		p.target, p.spread, p.turn = i, r.load.Spread && r.plan.Open(), 0
		s.grow(p, connections)
		p.begin(connections)
		s.targets = append(s.targets, p)
	}
	s.forget()
	return nil
}

// forget drops the pools of servers that are not loaded and have no open connection. Their
// connections keep their slots, for the next pool that grows, so that no slot is empty.
func (s *shard) forget() {
	for key, p := range s.pools {
		open := slices.ContainsFunc(p.conns, func(c *conn) bool { return c.fd >= 0 })
		if open || slices.Contains(s.targets, p) {
			continue
		}
		for _, c := range p.conns {
			c.pool = nil
			s.unowned = append(s.unowned, c)
		}
		delete(s.pools, key)
	}
}

// pool returns the pool of an address, the kept one if there is one. If a name has several
// addresses, it stays with the address that it has connections to.
func (s *shard) pool(ctx context.Context, key string, t ancmbench.Target) (*pool, error) {
	p := s.pools[key]
	if p != nil && slices.ContainsFunc(p.conns, func(c *conn) bool { return c.fd >= 0 }) {
		return p, nil
	}
	at, err := s.run.reach(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("wire engine: %w", err)
	}
	addr, err := resolve(t.Network, at)
	if err != nil {
		return nil, err
	}
	if p == nil {
		p = &pool{}
		s.pools[key] = p
	}
	p.addr = addr
	return p, nil
}

// reach looks a target's address up, once for all shards.
func (r *run) reach(ctx context.Context, t ancmbench.Target) (string, error) {
	key := t.Network + " " + t.Address
	if at, known := r.reached[key]; known {
		return at, nil
	}
	at, err := loadgen.Reach(ctx, t)
	if err == nil {
		r.reached[key] = at
	}
	return at, err
}

// drive runs the shards, each on its own thread, until they are done. It returns how long
// their threads waited for a processor.
func (r *run) drive() (waited time.Duration) {
	waits := make([]time.Duration, r.shards())
	var wg sync.WaitGroup
	for i, s := range r.parts {
		wg.Go(func() {
			// Never unlocked: the thread ends with the goroutine, and its timer
			// slack with it.
			runtime.LockOSThread()
			// If this fails, waits end later, and the lag shows that.
			_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
			s.loop()
			waits[i] = threadWaited()
		})
	}
	wg.Wait()
	r.timetable.close()
	for _, w := range waits {
		waited += w
	}
	return waited
}

// results merges the records of the shards, by target.
func (r *run) results(g loadgen.Generator) []ancmbench.Result {
	var out []ancmbench.Result
	for i := range r.load.Targets {
		rec := r.parts[0].targets[i].rec
		for _, s := range r.parts[1:] {
			rec.Merge(s.targets[i].rec)
		}
		res := rec.Result()
		res.Engine = "wire"
		rec.Check(&res, g)
		out = append(out, res)
	}
	return out
}

// probe detects which kept connections ended since the last run. Their events are waiting.
func (s *shard) probe() {
	for {
		n := s.poller.poll()
		for i := range n {
			s.handle(&s.poller.events[i])
		}
		if n < len(s.poller.events) {
			return
		}
	}
}

// stop ends the run early; the first cause is kept.
func (r *run) stop(cause error) {
	r.mu.Lock()
	if r.cause == nil {
		r.cause = cause
	}
	r.mu.Unlock()
	r.stopped.Store(true)
	for _, s := range r.parts {
		s.poller.wake()
	}
}

// openMost limits how long connections are opened before the first slice.
const openMost = 10 * time.Second

// Counts returns how many requests of the current or last Run have ended, and how many of
// these failed.
func (e *Engine) Counts() (done, failed int64) {
	r := e.current.Load()
	if r == nil {
		return 0, 0
	}
	for i := range r.seen {
		done += r.seen[i].sent.Load()
		failed += r.seen[i].failed.Load()
	}
	return done, failed
}

// Close closes all connections. The engine can be used again afterwards.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, s := range e.kept {
		for _, c := range s.conns {
			c.shut()
		}
		errs = append(errs, s.poller.close())
	}
	e.kept = nil
	return errors.Join(errs...)
}
