//go:build unix || windows

package models

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/internal/life"
	"ancmbench/models/was"
)

// Times of a worker that gives way to another. It waits for the next request on each of
// its connections, whose answer says that the connection ends, until none has come for
// leaveQuiet; then on those of HTTP/2, whose clients were told without a request.
const (
	leaveTime  = 2 * time.Second
	leaveQuiet = 500 * time.Millisecond
	// stopTime bounds the wait for requests that are on their way to the app when a
	// stop begins. If none of them has ended for stopQuiet, all have arrived.
	stopTime  = 500 * time.Millisecond
	stopQuiet = 50 * time.Millisecond
	// closeQuiet is the time without a byte on the idle connections after which they
	// are closed at the end.
	closeQuiet = 250 * time.Millisecond
	// closeTime bounds the wait for closeQuiet, because clients may go on asking.
	closeTime = 5 * time.Second
	// replacedQuiet is closeQuiet if another worker serves already.
	replacedQuiet = time.Second
	lookEvery     = 2 * time.Millisecond
)

// openSite is the hosting of a worker while its fronts accept.
type openSite struct {
	hosting
	listeners []net.Listener
	failed    chan error     // of a front that stopped accepting by itself
	serving   sync.WaitGroup // fronts that accept
	closing   chan struct{}  // closed when they are to stop accepting
	closed    sync.Once
}

func newOpenSite(h hosting) *openSite {
	return &openSite{hosting: h, failed: make(chan error, len(h.fronts)), closing: make(chan struct{})}
}

// serve lets each front accept on its socket.
func (o *openSite) serve(listeners []net.Listener) {
	o.listeners = listeners
	for i, f := range o.fronts {
		l := o.gate.listener(listeners[i])
		o.serving.Go(func() {
			err := f.Serve(l)
			select {
			case <-o.closing:
			default:
				o.failed <- err
			}
		})
	}
}

// stopAccepting closes this process's copies of the sockets. What waits on them is
// another worker's, which has its own; shut means that there is none: new
// connections are turned away first, and those that wait are accepted.
func (e *ending) stopAccepting(shut bool) {
	e.closed.Do(func() {
		if shut {
			for _, l := range e.listeners {
				turnAway(l)
			}
			e.until(closeTime, func() bool {
				return e.forced() || !slices.ContainsFunc(e.listeners, waiting) &&
					(e.blind() || e.gate.left() || e.gate.inFlight.Load() == 0 && e.gate.quiet(closeQuiet) && !e.gate.unread())
			})
		}
		close(e.closing)
		for _, l := range e.listeners {
			_ = l.Close() // its front says so, and nobody listens
		}
		e.serving.Wait()
	})
}

// until looks until what is asked holds, or patience is over.
func (o *openSite) until(patience time.Duration, holds func() bool) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	late := time.NewTimer(patience)
	defer late.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-late.C:
			return
		}
	}
}

// breakOff ends the apps at once; the end of this process breaks the rest.
func (o *openSite) breakOff() { o.shutDown(cancelled()) }

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// ending is a worker that ends.
type ending struct {
	*openSite
	machine life.Machine
	events  chan life.Event
	replace atomic.Bool // another worker takes new connections
	force   context.CancelFunc
	ctx     context.Context
	told    chan struct{} // closed when the apps are told
}

// worker is the number of the only copy that a worker's machine knows: itself.
const worker = 1

// end carries an end out, and returns when all is over: as told by first, and by
// more, which have less patience; without was at once.
func (o *openSite) end(first was.End, more <-chan was.End, eof <-chan struct{}) {
	e := &ending{openSite: o, events: make(chan life.Event, 8), told: make(chan struct{})}
	e.replace.Store(first.Replace)
	e.machine = life.Machine{Limit: o.limit, SettleReplace: leaveTime, SettleStop: stopTime}
	e.ctx, e.force = context.WithCancel(context.Background())
	defer e.force()
	e.machine.Handle(time.Now(), life.Demand, 0)
	e.machine.Handle(time.Now(), life.Started, worker)
	e.handle(e.how(first))
	for over := false; !over; {
		var due <-chan time.Time
		if at, ok := e.machine.Next(); ok {
			due = time.After(time.Until(at))
		}
		select {
		case what := <-e.events:
			e.handle(what)
			over = what == life.Ended
		case again := <-more:
			e.handle(e.how(again))
		case <-eof:
			e.handle(life.Force)
			eof = nil
		case <-due:
			e.handle(life.Tick)
		}
	}
}

func (e *ending) how(end was.End) life.Event {
	if end.Replace {
		return life.Replace
	}
	e.replace.Store(false)
	return life.Stop
}

func (e *ending) handle(what life.Event) {
	if what == life.Stop {
		e.gate.set(gateRefuses)
	}
	for _, do := range e.machine.Handle(time.Now(), what, worker) {
		switch do.Kind {
		case life.Yield:
			e.yield()
		case life.Tell:
			close(e.told)
			go e.finish()
		case life.Kill:
			e.force()
			select {
			case <-e.told:
			default: // at once: nobody was told
				close(e.told)
				go e.finish()
			}
		}
	}
}

// yield lets no request begin here that another worker could take.
func (e *ending) yield() {
	shut := !e.replace.Load()
	if !shut {
		e.gate.set(gateLeaving)
	}
	if !shut || e.blind() {
		e.stopAccepting(shut)
	}
	settled := func() bool { return e.gate.left() || e.gate.quiet(leaveQuiet) && !e.gate.unread() }
	if shut {
		settled = arrived(func() int64 { return e.gate.inFlight.Load() - e.gate.warned.Load() })
	}
	go func() {
		e.until(e.limit, func() bool {
			select {
			case <-e.told:
				return true
			default:
				return settled()
			}
		})
		e.events <- life.Idle
	}()
}

// arrived reports whether requests that had begun before the gate refused are over or have
// reached the app, by how many are in flight. It must be called again until it does.
func arrived(inFlight func() int64) func() bool {
	before, since := int64(-1), time.Time{}
	return func() bool {
		now := inFlight()
		if now != before {
			before, since = now, time.Now()
		}
		return now <= 0 || time.Since(since) >= stopQuiet
	}
}

func (e *ending) blind() bool {
	for _, f := range e.fronts {
		if f.blind {
			return true
		}
	}
	return false
}

// finish tells the apps to end and waits for the requests that have begun, until it is
// forced.
func (e *ending) finish() {
	var fronts sync.WaitGroup
	for _, f := range e.fronts {
		if f.goAway && e.replace.Load() { // its clients go elsewhere now
			fronts.Go(func() { _ = f.Shutdown(e.ctx) })
		}
	}
	closeAfter := closeQuiet
	if e.replace.Load() {
		closeAfter = replacedQuiet // nobody waits for it: another worker serves
		silent := func() bool { return e.gate.quiet(leaveQuiet) && !e.gate.unread() }
		e.until(min(leaveTime, e.limit/4), func() bool {
			return e.forced() || e.gate.conns.Load() == 0 || silent()
		})
		if silent() { // else a request may be on its way on any of them
			e.closeIdle()
		}
	}
	if len(e.processes)+len(e.own) > 0 || !e.replace.Load() { // our own app in this process can still answer
		e.gate.set(gateRefuses)
		if e.replace.Load() { // what came in the moment before
			e.until(stopTime, arrived(e.gate.inFlight.Load))
		}
	}
	e.shutDown(e.ctx)
	e.until(e.limit, func() bool { return e.forced() || e.gate.inFlight.Load() == 0 })
	if e.blind() { // the app has ended, and the last of its answers is on its way
		e.until(closeQuiet, func() bool { return e.forced() || e.gate.conns.Load() == 0 })
	}
	if !e.forced() {
		e.stopAccepting(!e.replace.Load())
		e.until(closeTime, func() bool {
			return e.forced() || e.gate.conns.Load() == 0 || e.gate.inFlight.Load() == 0 && e.gate.quiet(closeAfter) && !e.gate.unread()
		})
	}
	e.closed.Do(func() { close(e.closing) })
	if !e.forced() { // else the end of this process breaks what is left, and no handler answers first
		for _, f := range e.fronts {
			fronts.Go(func() { _ = f.Shutdown(e.ctx) })
		}
	}
	fronts.Wait()
	e.events <- life.Ended
}

// closeIdle closes the connections that wait for a request, and returns when it is done: their
// clients go to the worker that serves. One that asked later would get 503.
func (e *ending) closeIdle() {
	for _, f := range e.fronts {
		if front, ok := f.appServer.(interface{ CloseIdle() }); ok && !f.goAway {
			front.CloseIdle()
		}
	}
	e.until(min(leaveTime, e.limit/8), func() bool {
		return e.forced() || e.gate.conns.Load() <= e.gate.inFlight.Load()
	})
}

// forced reports whether all is to end at once.
func (e *ending) forced() bool { return e.ctx.Err() != nil }
