package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"ancmbench/loadgen"
)

const (
	// beatEvery is how often each side says that it lives.
	beatEvery = 250 * time.Millisecond
	// localBeatEvery is for an agent of the coordinator's own process, which cannot be lost
	// alone: its beats only show progress, and cost the generator's CPU.
	localBeatEvery = 500 * time.Millisecond
	// coordinatorPatience is how long a coordinator waits for a word of an agent: the
	// trial ends within 3 s.
	coordinatorPatience = 2500 * time.Millisecond
	// endMost bounds how long a session waits for what it had begun.
	endMost = 2 * time.Second
)

// session is an agent's time with one coordinator.
type session struct {
	opt    *AgentOptions
	id     string
	clock  clock
	link   *link
	local  bool   // it is one of the coordinator's own process
	joined func() // called once the coordinator has welcomed the agent; may be nil
	// ctx ends with the session; everything that the agent does for the coordinator ends
	// with it.
	ctx    context.Context
	cancel context.CancelCauseFunc
	heard  atomic.Int64 // when the coordinator was last heard, by the clock

	mu      sync.Mutex
	load    *loading                  // nil before the first
	engines map[string]loadgen.Engine // by kind; they keep their connections
	served  map[int]*served           // by id

	firstLoad sync.Once // says that the session sends load
}

func (o *AgentOptions) session() *session {
	s := &session{opt: o, id: newID(), clock: newClock(), engines: map[string]loadgen.Engine{}, served: map[int]*served{}}
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.link = &link{me: s.id, answer: s.answer, hear: s.hear, faulty: func(err error) { s.cancel(fmt.Errorf("%w: %w", errCoordinatorLost, err)) }}
	return s
}

// disconnected is called when the connection ends, by whichever side.
func (s *session) disconnected(err error) {
	s.cancel(fmt.Errorf("%w: %w", errCoordinatorLost, err))
}

// run carries the session out over a connection and returns why it ended; nil if the
// coordinator said that the run is over.
func (s *session) run(ctx context.Context, nc *nats.Conn) error {
	s.link.nc = nc
	stop := context.AfterFunc(ctx, func() { s.cancel(context.Cause(ctx)) })
	defer stop()
	if err := s.link.listen(toAll, toAgent+s.id); err != nil {
		nc.Close()
		return s.opt.joinFault(err)
	}
	err := s.join()
	if err == nil {
		s.live()
		err = context.Cause(s.ctx)
	}
	s.end(err)
	if errors.Is(err, errOver) {
		return nil
	}
	return err
}

// join says hello and waits for the welcome.
func (s *session) join() error {
	o := s.opt
	said := hello{Protocol: protocol, Version: o.Version, Host: o.Host, PID: os.Getpid(), Cores: o.Cores, Load: o.Load, Serve: o.Serve}
	if ip, err := s.link.nc.GetClientIP(); err == nil && o.ServeAddress == "" {
		o.ServeAddress = ip.String()
	}
	said.Address, said.Local, said.Commands = o.ServeAddress, s.local, o.Commands
	if o.Facts != nil && !s.local {
		facts := o.Facts()
		said.Facts = &facts
	}
	ctx, cancel := context.WithTimeout(s.ctx, helloMost)
	defer cancel()
	var answer welcome
	switch err := s.link.call(ctx, toCoordinator, opHello, said, &answer); {
	case errors.Is(err, ErrVersion) || errors.Is(err, ErrRefused):
		return err
	case errors.Is(err, nats.ErrPermissionViolation):
		return natsFault(o.Join, err)
	case err != nil:
		return fmt.Errorf("%w: %w", errNotThere, err)
	}
	s.heard.Store(int64(s.clock.now()))
	o.say("joined as " + answer.Name)
	if s.joined != nil {
		s.joined()
	}
	return nil
}

// live tells the coordinator that the agent lives, and ends the session when the
// coordinator is silent.
func (s *session) live() {
	every := beatEvery
	if s.local {
		every = localBeatEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.link.send(toCoordinator, message{Op: opBeat}, s.state()); err != nil {
			s.disconnected(err)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
		if silent := s.clock.now() - time.Duration(s.heard.Load()); silent > agentPatience && !s.local {
			s.cancel(fmt.Errorf("%w: silent for %v", errCoordinatorLost, silent.Round(10*time.Millisecond)))
		}
	}
}

func (s *session) state() beat {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.load == nil {
		return beat{State: "ready"}
	}
	return s.load.beat()
}

// end stops all that the session began, and says so where it is still heard.
func (s *session) end(cause error) {
	s.cancel(cause)
	_ = s.link.send(toCoordinator, message{Op: opLeave}, nil) // without it the coordinator notices by the silence
	over := make(chan struct{})
	go func() {
		defer close(over)
		s.stopAll()
		s.link.end(cause)
		s.stopAll() // what was starting meanwhile
		s.mu.Lock()
		load := s.load
		s.mu.Unlock()
		if load != nil {
			<-load.done
		}
	}()
	timer := time.NewTimer(endMost)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C: // an engine that does not stop ends with its process
	}
}

// hear takes the messages without an answer, and reads the clock at once: each step more
// would lengthen the round trip.
func (s *session) hear(m message) bool {
	if m.From != coordinatorID {
		return true
	}
	s.heard.Store(int64(s.clock.now()))
	switch m.Op {
	case opPulse:
	case opBye:
		var word bye
		if err := decode(m.Body, &word); err == nil && word.Again {
			s.cancel(errAgain)
		} else {
			s.cancel(errOver)
		}
	case opClock:
		_ = s.link.reply(m, reading{Now: instantOf(s.clock.now())}, nil)
	default:
		return false
	}
	return true
}

// answer carries out what the coordinator asks. What an agent that leaves has still seen is
// no part of a trial.
func (s *session) answer(ctx context.Context, m message) (any, error) {
	out, err := s.carry(ctx, m)
	if s.ctx.Err() != nil {
		return nil, errLeft
	}
	return out, err
}

func (s *session) carry(ctx context.Context, m message) (any, error) {
	do := map[string]func(context.Context, message) (any, error){
		opPrepare: s.prepare, opBegin: s.begin, opResults: s.results, opStop: s.stop, opOnce: s.once,
		opRun: s.runHere, opRelease: s.release,
	}[m.Op]
	if do == nil {
		if !s.opt.Serve {
			return nil, fmt.Errorf("%s: %w: the agent was started without --serve", m.Op, ErrRefused)
		}
		return s.serve(ctx, m)
	}
	if !s.opt.Load {
		return nil, fmt.Errorf("%s: %w: the agent was started without --load", m.Op, ErrRefused)
	}
	return do(ctx, m)
}
