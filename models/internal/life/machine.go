package life

import (
	"slices"
	"time"
)

// Event is something that has happened to an app.
type Event int

// The events. Those that concern one copy name it in their second argument.
const (
	Demand  Event = iota // a request, or a connection, waits for a copy
	Started              // a copy takes requests
	Idle                 // nothing that was begun is left in a copy that is to end
	Ended                // a copy has ended: as it was told, by itself, or because it never started
	Replace              // the copy that serves is to give way to another: a recycle, a changed configuration
	Offline              // no copy is to run until Online
	Online               // copies may run again
	Stop                 // all is to end in good order
	Force                // all is to end at once
	Tick                 // time has passed: see Machine.Next
)

var eventNames = [...]string{"demand", "started", "idle", "ended", "replace", "offline", "online", "stop", "force", "tick"}

// String returns the event's name.
func (e Event) String() string { return eventNames[e] }

// ActionKind is the kind of an Action.
type ActionKind int

// The kinds of action.
const (
	Start  ActionKind = iota // start the copy
	Yield                    // let no new request begin in the copy
	Tell                     // tell the copy to finish what it has begun and to end
	Kill                     // end the copy by force
	Crash                    // count and report that the copy has ended unasked
	Refuse                   // answer what waits for a copy with 503
	Over                     // nothing runs and nothing will
)

var actionNames = [...]string{"start", "yield", "tell", "kill", "crash", "refuse", "over"}

// String returns the kind's name.
func (k ActionKind) String() string { return actionNames[k] }

// Action is one thing to do. Copy is 0 if it concerns no copy.
type Action struct {
	Kind ActionKind
	Copy int
}

// Machine decides for the copies of one app. Set the fields before the first
// Handle. It is not safe for concurrent use.
type Machine struct {
	// Limit is shutdownTimeLimit: how long a copy may take from when it begins to
	// end until it is killed.
	Limit time.Duration
	// SettleReplace and SettleStop are how long a copy that begins to end may still get
	// requests that were on their way to it, before it is told; Idle ends the wait.
	// Neither counts for more than half of Limit.
	SettleReplace, SettleStop time.Duration
	// AbortStarts says that a copy that is starting has no request yet, and is killed
	// when it is no longer wanted. If false, its start is waited for.
	AbortStarts bool

	mode    mode
	last    int   // number of the newest copy
	current *copy // serves or is going to; nil if there is none
	ending  []*copy
	wanted  bool // somebody waits for a copy that may not start yet
	replace bool // the current copy is to be replaced once there is no old one
	over    bool
}

type mode int

const (
	open mode = iota
	offline
	stopping
)

type phase int

const (
	starting phase = iota
	running
	settling // ends, and has not been told
	told
	killed
)

// copy is one copy of the app: a process, or a worker.
type copy struct {
	id      int
	phase   phase
	settled time.Time // when it is told at the latest
	limit   time.Time // when it is killed
}

// Handle returns the actions that follow from an event at the time now, in their order.
// There are none if the event has no meaning in the present state.
func (m *Machine) Handle(now time.Time, e Event, id int) (do []Action) {
	if m.over {
		if e == Demand {
			return []Action{{Kind: Refuse}}
		}
		return nil
	}
	switch e {
	case Demand:
		if m.mode != open {
			return []Action{{Kind: Refuse}}
		}
		m.wanted = m.current == nil
	case Started:
		if c := m.current; c != nil && c.id == id && c.phase == starting {
			c.phase, m.wanted = running, false
		} else if c := m.find(id); c != nil && c.phase == starting {
			do = m.end(now, c, m.settleStop(), do)
		}
	case Idle:
		if c := m.find(id); c != nil && c.phase == settling {
			do = m.tell(now, c, do)
		}
	case Ended:
		do = m.ended(id, do)
	case Replace:
		m.replace = m.mode == open && m.current != nil
	case Offline:
		if m.mode == open {
			m.mode = offline
			do = m.endCurrent(now, do)
		}
	case Online:
		if m.mode == offline {
			m.mode = open
		}
	case Stop:
		if m.mode != stopping {
			m.mode = stopping
			do = m.endCurrent(now, do)
			for _, c := range m.ending { // what was on its way is refused from now on
				if c.phase == settling {
					c.settled = earlier(c.settled, now.Add(m.settleStop()))
				}
			}
		}
	case Force:
		m.mode = stopping
		do = m.force(do)
	case Tick:
	}
	return m.settle(now, do)
}

// Next returns the time at which Tick is due. ok is false if it never is.
func (m *Machine) Next() (at time.Time, ok bool) {
	for _, c := range m.ending {
		due := c.limit
		switch c.phase {
		case settling:
			due = earlier(c.settled, c.limit)
		case killed:
			continue
		}
		if !ok || due.Before(at) {
			at, ok = due, true
		}
	}
	return at, ok
}

// Current returns the copy for new requests, 0 if there is none, and whether it serves
// already.
func (m *Machine) Current() (id int, serves bool) {
	if m.current == nil {
		return 0, false
	}
	return m.current.id, m.current.phase == running
}

// Wants reports whether a demand would start a copy now.
func (m *Machine) Wants() bool {
	return m.mode == open && m.current == nil && len(m.ending) <= 1 && !m.over
}

// settle applies the rules until nothing changes any more.
func (m *Machine) settle(now time.Time, do []Action) []Action {
	for _, c := range slices.Clone(m.ending) {
		if c.phase == settling && !now.Before(c.settled) {
			do = m.tell(now, c, do)
		}
		if (c.phase == told || c.phase == starting) && !now.Before(c.limit) {
			do = m.kill(c, do)
		}
	}
	if c := m.current; m.replace && c.phase == running && len(m.ending) == 0 {
		// A second old copy would stand beside the new one: it waits its turn.
		m.current, m.replace = nil, false
		do = m.begin(now, c, min(m.SettleReplace, m.Limit/2), do)
	}
	if m.wanted && m.Wants() {
		m.last++
		m.current, m.wanted = &copy{id: m.last}, false
		do = append(do, Action{Start, m.last})
	}
	if m.mode == stopping && len(m.ending) == 0 && m.current == nil {
		m.over = true
		do = append(do, Action{Kind: Over})
	}
	return do
}

// endCurrent takes the copy that serves, or is being started, out of use.
func (m *Machine) endCurrent(now time.Time, do []Action) []Action {
	c := m.current
	waits := m.wanted || c != nil && c.phase == starting
	m.current, m.wanted, m.replace = nil, false, false
	if waits && m.AbortStarts {
		do = append(do, Action{Kind: Refuse})
	}
	switch {
	case c == nil:
		return do
	case c.phase == running:
		return m.begin(now, c, m.settleStop(), do)
	case m.AbortStarts:
		m.ending = append(m.ending, c)
		return m.kill(c, do)
	}
	c.limit = now.Add(m.Limit) // its start is waited for
	m.ending = append(m.ending, c)
	return do
}

// begin moves a copy that serves to those that end.
func (m *Machine) begin(now time.Time, c *copy, settle time.Duration, do []Action) []Action {
	m.ending = append(m.ending, c)
	c.limit = now.Add(m.Limit)
	return m.end(now, c, settle, do)
}

func (m *Machine) end(now time.Time, c *copy, settle time.Duration, do []Action) []Action {
	c.phase, c.settled = settling, now.Add(settle)
	do = append(do, Action{Yield, c.id})
	if settle <= 0 {
		do = m.tell(now, c, do)
	}
	return do
}

func (m *Machine) settleStop() time.Duration { return min(m.SettleStop, m.Limit/2) }

func (m *Machine) tell(now time.Time, c *copy, do []Action) []Action {
	c.phase = told
	do = append(do, Action{Tell, c.id})
	if !now.Before(c.limit) {
		do = m.kill(c, do)
	}
	return do
}

func (m *Machine) kill(c *copy, do []Action) []Action {
	c.phase = killed
	return append(do, Action{Kill, c.id})
}

func (m *Machine) force(do []Action) []Action {
	if c := m.current; c != nil {
		m.current, m.replace = nil, false
		m.ending = append(m.ending, c)
	}
	if m.wanted {
		m.wanted = false
	}
	for _, c := range m.ending {
		if c.phase != killed {
			do = m.kill(c, do)
		}
	}
	return append(do, Action{Kind: Refuse})
}

// ended removes a copy. A copy that was not asked to end has crashed.
func (m *Machine) ended(id int, do []Action) []Action {
	if c := m.current; c != nil && c.id == id {
		m.current, m.replace = nil, false
		return append(do, Action{Crash, id})
	}
	if c := m.find(id); c != nil && c.phase == settling {
		do = append(do, Action{Crash, id}) // it had not been told
	}
	m.ending = slices.DeleteFunc(m.ending, func(c *copy) bool { return c.id == id })
	return do
}

func (m *Machine) find(id int) *copy {
	for _, c := range m.ending {
		if c.id == id {
			return c
		}
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
