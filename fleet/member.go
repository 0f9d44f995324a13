package fleet

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"ancmbench"
)

// member is an agent as its coordinator sees it.
type member struct {
	c     *Coordinator
	id    string
	name  string
	hello hello
	heard atomic.Int64 // when it was last heard, by the coordinator's clock
	beat  atomic.Pointer[beat]

	lost chan struct{} // closed when the agent was lost
	why  error         // set before that
}

// label names the agent for people: its name, host and process.
func (m *member) label() string {
	return fmt.Sprintf("%s (%s, pid %d)", m.name, m.hello.Host, m.hello.PID)
}

// call asks the agent and waits for its answer, as link.call does. It fails at once when
// the agent is lost.
func (m *member) call(ctx context.Context, op string, in, out any) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	answered := make(chan struct{})
	defer close(answered)
	go func() {
		select {
		case <-m.lost:
			cancel(m.why)
		case <-answered:
		}
	}()
	return m.c.link.call(ctx, toAgent+m.id, op, in, out)
}

// readClock returns what the agent's clock shows.
func (m *member) readClock(ctx context.Context) (time.Duration, error) {
	var r reading
	err := m.call(ctx, opClock, nil, &r)
	return r.Now.d(), err
}

// estimate compares the agent's clock with the coordinator's.
func (m *member) estimate(ctx context.Context) (ancmbench.Clock, error) {
	return m.c.clock.estimate(ctx, m.readClock)
}

// counts returns how many requests of the agent's load have ended, and how many failed.
func (m *member) counts() (done, failed int64) {
	if b := m.beat.Load(); b != nil {
		return b.Done, b.Failed
	}
	return 0, 0
}

// Member is what is known of an agent.
type Member struct {
	Name, Host, Version, State string
	PID, Cores                 int
	Load, Serve                bool
	Clock                      ancmbench.Clock
}

// Members returns the agents that have joined, in the order of joining, with estimates of
// their clocks. It leaves out those that are lost meanwhile.
func (c *Coordinator) Members(ctx context.Context) (out []Member) {
	for _, m := range c.present() {
		clock, err := m.estimate(ctx)
		if err != nil {
			continue
		}
		one := Member{Name: m.name, Host: m.hello.Host, Version: m.hello.Version, PID: m.hello.PID, Cores: m.hello.Cores,
			Load: m.hello.Load, Serve: m.hello.Serve, Clock: clock, State: "joined"}
		if b := m.beat.Load(); b != nil {
			one.State = b.State
		}
		out = append(out, one)
	}
	return out
}
