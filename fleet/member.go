package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	err := m.c.link.call(ctx, toAgent+m.id, op, in, out)
	if errors.Is(err, errLeft) {
		err = &Lost{Agent: m.label(), Why: err.Error()} // the word that it leaves is on its way
	}
	return err
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

// known returns the estimate of the agent's clock. It fails if that is not good enough for
// a common timetable.
func (m *member) known(ctx context.Context) (ancmbench.Clock, error) {
	clock, err := m.estimate(ctx)
	if err == nil && clock.Uncertainty > ancmbench.Seconds(clockMost) {
		err = &ClockError{Agent: m.label(), Uncertainty: clock.Uncertainty.D().Round(10 * time.Microsecond).String(), Bound: clockMost.String()}
	}
	return clock, err
}

// counts returns how many requests of the agent's load have ended, and how many failed.
func (m *member) counts() (done, failed int64) {
	if b := m.beat.Load(); b != nil {
		return b.Done, b.Failed
	}
	return 0, 0
}

// Machines returns the machines of the agents that take part in a run with as many load
// agents, for its results file. It leaves out the coordinator's own.
func (c *Coordinator) Machines(load int) (out []ancmbench.Machine) {
	byID := map[string]int{}
	note := func(m *member, name string, set func(*ancmbench.Machine)) {
		if m.hello.Local || m.hello.Facts == nil {
			return
		}
		i, known := byID[m.id]
		if !known {
			i = len(out)
			byID[m.id] = i
			out = append(out, ancmbench.Machine{Name: name, Host: *m.hello.Facts})
		}
		set(&out[i])
	}
	for i, m := range c.first("load", load) {
		note(m, hostName(i), func(x *ancmbench.Machine) { x.Load = true })
	}
	for _, m := range c.first("serve", 1) {
		note(m, "serve", func(x *ancmbench.Machine) { x.Serve = true })
	}
	return out
}

// Member is what is known of an agent.
type Member struct {
	Name    string          `json:"name"`
	Host    string          `json:"host"`
	Version string          `json:"version"`
	State   string          `json:"state"`
	PID     int             `json:"pid"`
	Cores   int             `json:"cores"`
	Load    bool            `json:"load"`
	Serve   bool            `json:"serve"`
	Clock   ancmbench.Clock `json:"clock"`
}

// States says in one line what each agent does: "agent 1 loading, agent 2 ready".
func (c *Coordinator) States() string {
	var out []string
	for _, m := range c.present() {
		state := "joined"
		if b := m.beat.Load(); b != nil {
			state = b.State
		}
		out = append(out, m.name+" "+state)
	}
	return strings.Join(out, ", ")
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
