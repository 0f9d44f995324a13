package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"
)

// Options say how a coordinator is reached.
type Options struct {
	Bus BusOptions
	// Version must be that of every agent.
	Version string
	// Changed is called with a line of text when an agent joins, is refused or is lost. It
	// may be nil.
	Changed func(string)
	// Rejoin is how long a fresh start waits for an agent in place of one that was lost.
	Rejoin time.Duration
}

// Coordinator knows the agents of a run and gives them their parts of it. Its methods are
// safe for concurrent use.
type Coordinator struct {
	opt   Options
	bus   *bus
	link  *link
	clock clock
	quit  chan struct{}
	ended sync.Once
	work  sync.WaitGroup

	mu      sync.Mutex
	members map[string]*member // by id; lost ones are removed
	order   []*member          // in the order of joining
	joined  int                // how many have joined so far
	changed chan struct{}      // closed and replaced when members changes
	refused map[string]string  // why hosts were refused, for the error of Await
	remotes map[int]*remote    // by id
	started int                // how many remotes there have been
	locals  map[string]bool    // the ids of agents of this process
	dead    error              // why the bus has ended; nil as long as it lives
}

// Open opens the bus and begins to take agents. It fails if the bus cannot be opened.
func Open(opt Options) (*Coordinator, error) {
	c := &Coordinator{opt: opt, clock: newClock(), quit: make(chan struct{}),
		members: map[string]*member{}, changed: make(chan struct{}), refused: map[string]string{}, remotes: map[int]*remote{}, locals: map[string]bool{}}
	b, err := openBus(opt.Bus, c.refuse)
	if err != nil {
		return nil, err
	}
	c.bus = b
	c.link = &link{me: coordinatorID, answer: c.answer, hear: c.hear,
		faulty: func(err error) { c.say("a message was not understood: " + err.Error()) }}
	nc, err := b.connect(c.busEnded)
	if err != nil {
		b.close()
		return nil, fmt.Errorf("the message bus does not open: %w", err)
	}
	c.link.nc = nc
	if err := c.link.listen(toCoordinator); err != nil {
		nc.Close()
		b.close()
		if b.server == nil {
			err = natsFault(opt.Bus.NATS, err)
		}
		return nil, fmt.Errorf("the message bus does not open: %w", err)
	}
	c.work.Go(c.watch)
	return c, nil
}

// Address returns the address that agents dial; empty if no port is open.
func (c *Coordinator) Address() string { return c.bus.address() }

// Close tells all agents that the run is over, or with again that this was none, and closes
// the bus.
func (c *Coordinator) Close(again bool) {
	c.ended.Do(func() {
		_ = c.link.send(toAll, message{Op: opBye}, bye{Again: again}) // an agent that misses it hears no pulse
		_ = c.link.nc.FlushTimeout(flushMost)
		close(c.quit)
		c.awaitLeave()
		c.work.Wait()
		c.link.end(errLinkEnded)
		c.bus.close()
	})
}

// leaveMost bounds how long a coordinator that ends waits for its agents to leave. A word
// that is still on its way would be lost with the bus.
const leaveMost = time.Second

func (c *Coordinator) awaitLeave() {
	timer := time.NewTimer(leaveMost)
	defer timer.Stop()
	for {
		c.mu.Lock()
		changed, left := c.changed, len(c.order)
		c.mu.Unlock()
		if left == 0 {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		}
	}
}

// closing reports whether Close was called.
func (c *Coordinator) closing() bool {
	select {
	case <-c.quit:
		return true
	default:
		return false
	}
}

func (c *Coordinator) say(text string) {
	if c.opt.Changed != nil {
		c.opt.Changed(text)
	}
}

// watch sends the pulse, and loses agents that are silent.
func (c *Coordinator) watch() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		if c.hasOthers() {
			_ = c.link.send(toAll, message{Op: opPulse}, nil) // without the bus, loseAll is called
		}
		select {
		case <-c.quit:
			return
		case <-tick.C:
		}
		for _, m := range c.present() {
			if silent := c.clock.now() - time.Duration(m.heard.Load()); silent > coordinatorPatience && !m.hello.Local {
				c.lose(m, fmt.Sprintf("no word for %.1f s: it died, hangs or was cut off", silent.Seconds()))
			}
		}
	}
}

// hasOthers reports whether an agent of another process has joined.
func (c *Coordinator) hasOthers() bool {
	return slices.ContainsFunc(c.present(), func(m *member) bool { return !m.hello.Local })
}

// hear takes the beats, and the word of an agent that leaves.
func (c *Coordinator) hear(m message) bool {
	switch m.Op {
	case opBeat, opLeave:
	case opEvent, opEnded:
		c.hearOfTarget(m)
		return true
	default:
		return false
	}
	var b beat
	c.mu.Lock()
	from := c.members[m.From]
	c.mu.Unlock()
	if from == nil {
		return true
	}
	if m.Op == opLeave {
		c.lose(from, "it left")
		return true
	}
	if decode(m.Body, &b) != nil {
		return true
	}
	from.heard.Store(int64(c.clock.now()))
	from.beat.Store(&b)
	return true
}

// hearOfTarget passes what a serving agent tells on to its target.
func (c *Coordinator) hearOfTarget(m message) {
	var t told
	if decode(m.Body, &t) != nil {
		return
	}
	c.mu.Lock()
	r := c.remotes[t.ID]
	c.mu.Unlock()
	if r != nil && r.member.id == m.From {
		r.hear(m.Op, t)
	}
}

// refuse notes that somebody came with another token.
func (c *Coordinator) refuse(address string) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	why := fmt.Sprintf("an agent at %s was refused: it has another token", host)
	c.mu.Lock()
	_, known := c.refused[host]
	room := !known && len(c.refused) < refusedMost
	if room {
		c.refused[host] = why
	}
	c.mu.Unlock()
	if room {
		c.say(why)
	}
}

// refusedMost bounds how many hosts an error names.
const refusedMost = 16

// answer takes an agent that says hello.
func (c *Coordinator) answer(_ context.Context, m message) (any, error) {
	var said hello
	if m.Op == opWho {
		return nil, nil
	}
	if m.Op != opHello {
		return nil, fmt.Errorf("%w: a coordinator does not take the order %q", ErrRefused, m.Op)
	}
	if err := decode(m.Body, &said); err != nil {
		return nil, err
	}
	if !idPattern.MatchString(m.From) {
		return nil, fmt.Errorf("%w: the agent's id is none", ErrRefused)
	}
	if said.Protocol != protocol || said.Version != c.opt.Version {
		err := fmt.Errorf("%w: the agent on %s is %s (protocol %d), and the coordinator is %s (protocol %d)",
			ErrVersion, said.Host, said.Version, said.Protocol, c.opt.Version, protocol)
		c.mu.Lock()
		if len(c.refused) < refusedMost {
			c.refused[said.Host] = err.Error()
		}
		c.mu.Unlock()
		c.say(err.Error())
		return nil, err
	}
	a := &member{c: c, id: m.From, hello: said, lost: make(chan struct{})}
	a.heard.Store(int64(c.clock.now()))
	c.mu.Lock()
	if c.members[a.id] != nil {
		c.mu.Unlock()
		return nil, fmt.Errorf("%w: an agent with this id has joined", ErrRefused)
	}
	a.hello.Local = c.locals[a.id] // not what anybody says of itself
	c.joined++
	a.name = fmt.Sprint("agent ", c.joined)
	c.members[a.id] = a
	c.order = append(c.order, a)
	c.announce()
	c.mu.Unlock()
	c.say(a.label() + " joined")
	return welcome{Name: a.name}, nil
}

// announce wakes those who wait for a change of the members. Call it with mu held.
func (c *Coordinator) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// lose removes an agent, and fails everything that it was asked.
func (c *Coordinator) lose(m *member, why string) {
	c.mu.Lock()
	if c.members[m.id] == nil {
		c.mu.Unlock()
		return
	}
	delete(c.members, m.id)
	c.order = slices.DeleteFunc(c.order, func(o *member) bool { return o == m })
	m.why = &Lost{Agent: m.label(), Why: why}
	close(m.lost)
	c.announce()
	dead := c.dead != nil // which was said
	c.mu.Unlock()
	if !c.closing() && !dead {
		c.say(m.why.Error())
	}
}

// busEnded loses all agents: the connection to the bus has ended, or does not carry what
// a run needs. Only that of another process ends before Close.
func (c *Coordinator) busEnded(err error) {
	if c.closing() {
		return
	}
	lost := &Lost{Agent: "the message bus", Why: err.Error()}
	if c.bus.server == nil {
		lost.Why = natsFault(c.opt.Bus.NATS, err).Error()
	}
	c.mu.Lock()
	first := c.dead == nil
	if first {
		c.dead = lost
		c.announce()
	}
	c.mu.Unlock()
	if !first {
		return
	}
	c.say(lost.Error())
	for _, m := range c.present() {
		c.lose(m, lost.Why)
	}
}

// present returns the agents that have joined and were not lost, in the order of joining.
func (c *Coordinator) present() []*member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.order)
}

func (m *member) does(role string) bool {
	return role == "load" && m.hello.Load || role == "serve" && m.hello.Serve
}

// Await waits until as many load agents and serving agents have joined, but not longer than
// within. It fails with a Missing, or with the reason why an agent was refused, and with a Lost
// when the bus has ended.
func (c *Coordinator) Await(ctx context.Context, load, serve int, within time.Duration) error {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		c.mu.Lock()
		changed, dead := c.changed, c.dead
		have := map[string]int{}
		for _, m := range c.order {
			for _, role := range []string{"load", "serve"} {
				if m.does(role) {
					have[role]++
				}
			}
		}
		c.mu.Unlock()
		if dead != nil {
			return dead
		}
		if have["load"] >= load && have["serve"] >= serve {
			return nil
		}
		select {
		case <-changed:
			continue
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-c.quit:
			return errLinkEnded
		case <-timer.C:
		}
		missing := &Missing{Role: "load", Want: load, Have: have["load"], Waited: within.String()}
		if have["load"] >= load {
			missing = &Missing{Role: "serve", Want: serve, Have: have["serve"], Waited: within.String()}
		}
		return errors.Join(append([]error{missing}, c.Refusals()...)...)
	}
}

// Refusals returns why agents were refused, one error per host.
func (c *Coordinator) Refusals() (errs []error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, host := range slices.Sorted(maps.Keys(c.refused)) {
		errs = append(errs, errors.New(c.refused[host]))
	}
	return errs
}

// first returns the first agents with a role, in the order of joining; fewer than n if
// there are not as many.
func (c *Coordinator) first(role string, n int) (out []*member) {
	for _, m := range c.present() {
		if m.does(role) && len(out) < n {
			out = append(out, m)
		}
	}
	return out
}
