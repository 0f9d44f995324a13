package life

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	testLimit   = 10 * time.Second
	testReplace = 2 * time.Second
	testStop    = 50 * time.Millisecond
)

// world is what a Machine decides about, and holds it to the laws.
type world struct {
	m       *Machine
	now     time.Time
	copies  map[int]*watched
	waiting int  // requests that wait for a copy
	refused bool // by the last step
	forced  bool
	offline bool
	stopped bool
	over    bool
	said    []string
	fault   string
}

// watched is what the world knows of a copy.
type watched struct {
	serving, yielded, told, killed, gone bool
	began                                int       // requests that it has begun and not finished
	ends                                 time.Time // since when it is to end
}

func newWorld(m *Machine) *world {
	return &world{m: m, now: time.Unix(1_000_000, 0), copies: map[int]*watched{}}
}

func (w *world) broken(format string, args ...any) {
	if w.fault == "" {
		w.fault = fmt.Sprintf(format, args...)
	}
}

// give hands an event over and carries out what comes back.
func (w *world) give(e Event, id int) {
	w.said = append(w.said, fmt.Sprintf("%v(%d)", e, id))
	var ended []int
	for _, a := range w.m.Handle(w.now, e, id) {
		w.said = append(w.said, fmt.Sprintf("  %v %d", a.Kind, a.Copy))
		if id := w.do(a); id != 0 {
			ended = append(ended, id)
		}
	}
	w.laws()
	for _, id := range ended { // a killed process ends, whatever it does
		w.copies[id].gone, w.copies[id].began = true, 0
		w.give(Ended, id)
	}
}

// do carries one action out; it returns the copy that was killed.
func (w *world) do(a Action) (killed int) {
	c := w.copies[a.Copy]
	if a.Copy != 0 && c == nil && a.Kind != Start {
		w.broken("%v of a copy that was never started", a.Kind)
		return 0
	}
	switch a.Kind {
	case Start:
		if c != nil || w.offline || w.stopped {
			w.broken("copy %d is started twice, offline or stopped", a.Copy)
		}
		w.copies[a.Copy] = &watched{}
	case Yield:
		c.yielded = true
	case Tell:
		if c.told || c.killed || c.gone || !c.serving {
			w.broken("copy %d is told twice, too late or before it serves", a.Copy)
		}
		if !c.yielded {
			w.broken("copy %d is told while it gets requests", a.Copy)
		}
		c.told = true
	case Kill:
		switch {
		case c.killed || c.gone:
			w.broken("copy %d is killed twice", a.Copy)
		case w.forced:
		case !c.serving && w.m.AbortStarts:
		case !c.serving: // its start was waited for
		case !c.told:
			w.broken("copy %d is killed and was not told", a.Copy)
		case w.m.Limit > 0 && (c.ends.IsZero() || w.now.Before(c.ends.Add(w.m.Limit))):
			w.broken("copy %d is killed before the limit, with %d requests", a.Copy, c.began)
		}
		c.killed = true
		return a.Copy
	case Crash:
		if c.told {
			w.broken("copy %d was told to end, and its end is called a crash", a.Copy)
		}
	case Refuse:
		w.waiting, w.refused = 0, true
		if !w.offline && !w.stopped && !w.forced {
			w.broken("a request is refused while the app is on line")
		}
	case Over:
		w.over = true
	}
	return 0
}

// laws hold after every step.
func (w *world) laws() {
	id, _ := w.m.Current()
	old := 0
	for n, c := range w.copies {
		if c.gone || n == id {
			continue
		}
		old++
		if c.ends.IsZero() { // it has just stopped being the one that serves, or is going to
			c.ends = w.now
		}
		if !c.killed && w.now.After(c.ends.Add(w.m.Limit)) {
			w.broken("copy %d is there %v after it began to end", n, w.now.Sub(c.ends))
		}
	}
	if id != 0 && old > 1 {
		w.broken("%d old copies beside the new one", old)
	}
	if (w.stopped || w.offline) && id != 0 {
		w.broken("copy %d is current although the app is to be stopped", id)
	}
	if w.over && old+min(id, 1) > 0 {
		w.broken("over, and %d copies run", old)
	}
}

// step is one thing that can happen, and does nothing where it cannot.
type step int

const (
	request step = iota
	starts
	fails
	crash
	obeys // the oldest copy that was told ends
	quiet // the oldest copy that ends has nothing left
	recycle
	goOffline
	goOnline
	stop
	force
	due  // until the machine wants to look
	late // past every limit
	steps
)

func (s step) String() string { return stepNames[s] }

var stepNames = [...]string{"request", "starts", "fails", "crash", "obeys", "quiet", "recycle", "offline", "online", "stop", "force", "due", "late"}

func (w *world) step(s step) {
	id, serves := w.m.Current()
	w.refused = false
	switch s {
	case request:
		if serves {
			w.copies[id].began++
			return
		}
		w.waiting++
		w.give(Demand, 0)
	case starts:
		for n := 1; n <= len(w.copies); n++ { // also one that nobody wants any more
			if c := w.copies[n]; !c.serving && !c.gone {
				c.serving = true
				c.began, w.waiting = c.began+w.waiting, 0
				w.give(Started, n)
				return
			}
		}
	case fails:
		if id != 0 && !serves {
			w.end(id)
		}
	case crash:
		if serves {
			w.end(id)
		}
	case obeys:
		if n, c := w.oldest(); c != nil && c.told {
			w.end(n)
		}
	case quiet:
		if n, c := w.oldest(); c != nil && c.yielded {
			c.began = 0
			w.give(Idle, n)
		}
	case recycle:
		w.give(Replace, 0)
	case goOffline:
		w.offline = !w.stopped
		w.give(Offline, 0)
	case goOnline:
		w.offline = false
		w.give(Online, 0)
	case stop:
		w.stopped, w.offline = true, false
		w.give(Stop, 0)
	case force:
		w.stopped, w.offline, w.forced = true, false, true
		w.give(Force, 0)
	case due:
		if at, ok := w.m.Next(); ok {
			w.now = at
			w.give(Tick, 0)
		}
	case late:
		for at, ok := w.m.Next(); ok; at, ok = w.m.Next() {
			if w.now = at; w.fault != "" {
				return
			}
			w.give(Tick, 0)
		}
	}
}

// end lets a copy end; what it had begun is finished, or broken by itself.
func (w *world) end(id int) {
	w.copies[id].gone, w.copies[id].began = true, 0
	w.give(Ended, id)
}

func (w *world) oldest() (int, *watched) {
	id, _ := w.m.Current()
	for n := 1; n <= len(w.copies); n++ {
		if c := w.copies[n]; !c.gone && n != id {
			return n, c
		}
	}
	return 0, nil
}

// atLast goes on from where a sequence ended: an app that is on line serves the
// next request, and one that is stopped is over within the limit.
func (w *world) atLast() {
	w.step(late)
	w.step(starts)
	if !w.stopped {
		w.step(goOnline)
		w.step(late)
		w.step(request)
		w.step(starts)
		if _, serves := w.m.Current(); !serves {
			w.broken("on line, and no copy serves after a request")
		}
		if w.waiting > 0 {
			w.broken("%d requests wait for ever", w.waiting)
		}
	}
	began := w.now
	w.step(stop)
	w.step(late)
	w.step(starts)
	w.step(late)
	if !w.over {
		w.broken("not over after a stop")
	}
	if took := w.now.Sub(began); took > w.m.Limit {
		w.broken("a stop takes %v", took)
	}
}

// Every sequence of up to four things that can happen, from a site that has not
// started, starts, serves, or has an old copy beside the new one, obeys the laws:
// no request that a copy has begun is dropped before the limit, at most one old
// copy is beside the new one and none longer than the limit, who is killed was
// told, and all ends at last.
func TestEverySequenceObeysTheLaws(t *testing.T) {
	sequence := 4
	if underRace { // nothing here runs beside anything else
		sequence = 3
	}
	before := [][]step{nil, {request}, {request, starts}, {request, starts, recycle, request}, {request, starts, recycle, request, starts, request}}
	n := 0
	for _, limit := range []time.Duration{testLimit, 0} {
		for _, abort := range []bool{false, true} {
			for _, first := range before {
				seq := make([]step, sequence) // a step that cannot be does nothing: shorter ones are among them
				for more := true; more; more = next(seq) {
					n++
					m := &Machine{Limit: limit, SettleReplace: testReplace, SettleStop: testStop, AbortStarts: abort}
					w := newWorld(m)
					all := append(first[:len(first):len(first)], seq...)
					for _, s := range all {
						w.step(s)
					}
					w.atLast()
					if w.fault != "" {
						t.Fatalf("limit %v, abort %v, %v: %s\n%s", limit, abort, all, w.fault, strings.Join(w.said, "\n"))
					}
				}
			}
		}
	}
	t.Logf("%d sequences", n)
}

// next counts seq up; false when all were there.
func next(seq []step) bool {
	for i := range seq {
		if seq[i]++; seq[i] < steps {
			return true
		}
		seq[i] = 0
	}
	return false
}

// What each end of a copy looks like, and when.
func TestStepsOfAnEnd(t *testing.T) {
	check := func(name string, seq []step, want string) {
		t.Run(name, func(t *testing.T) {
			w := newWorld(&Machine{Limit: testLimit, SettleReplace: testReplace, SettleStop: testStop})
			w.step(request)
			w.step(starts)
			w.said = nil
			began := w.now
			var got []string
			for _, s := range seq {
				w.said = nil
				w.step(s)
				for _, line := range w.said {
					if strings.HasPrefix(line, "  ") {
						got = append(got, fmt.Sprintf("%v %s", w.now.Sub(began), strings.TrimSpace(line)))
					}
				}
			}
			if text := strings.Join(got, ", "); text != want {
				t.Errorf("got  %s\nwant %s", text, want)
			}
		})
	}
	check("stop of a stubborn app", []step{stop, due, due}, "0s yield 1, 50ms tell 1, 10s kill 1, 10s over 0")
	check("stop of an app that obeys", []step{stop, quiet, obeys}, "0s yield 1, 0s tell 1, 0s over 0")
	check("recycle", []step{recycle, request, starts, due, due}, "0s yield 1, 0s start 2, 2s tell 1, 10s kill 1")
	check("recycle during a recycle", []step{recycle, request, starts, recycle, quiet, obeys}, "0s yield 1, 0s start 2, 0s tell 1, 0s yield 2")
	check("recycle during a stop", []step{stop, quiet, recycle, obeys}, "0s yield 1, 0s tell 1, 0s over 0")
	check("stop during a recycle", []step{recycle, stop, due, due}, "0s yield 1, 50ms tell 1, 10s kill 1, 10s over 0")
	check("offline and on line again", []step{goOffline, request, quiet, goOnline, request}, "0s yield 1, 0s refuse 0, 0s tell 1, 0s start 2")
	check("crash during a recycle", []step{recycle, request, starts, crash, request}, "0s yield 1, 0s start 2, 0s crash 2, 0s start 3")
	check("crash, and nobody asks", []step{crash, late}, "0s crash 1")
	check("force during a stop", []step{stop, force}, "0s yield 1, 0s kill 1, 0s refuse 0, 0s over 0")
}
