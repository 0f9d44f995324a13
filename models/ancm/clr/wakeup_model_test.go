package clr

import "testing"

// The model of the lists of messages: every order in which the steps of two senders and
// of the reader can follow one another. A state in which nobody has a step left, the
// reader sleeps, and a message was not read is a wake-up that was lost.

// protocol is what messages.c does, and what would be wrong with it.
type protocol struct {
	lookFirst  bool // a sender looks at sleeping before it puts its message into the list
	sleepLate  bool // the reader looks at the list before it says that it sleeps
	clearLate  bool // the reader forgets that a slot is queued after it has read its messages
	eventCount bool // the reader waits for a count, as of an eventfd, and not at a futex
}

const senders, slotsEach = 2, 2 // every sender sends a message about each of two slots

// state is comparable, so that each is visited once.
type state struct {
	bits     [slotsEach]uint8 // messages that wait, by sender
	queued   [slotsEach]bool
	list     [slotsEach + 1]int8 // slots + 1, the newest first; 0 is the end
	sleeping bool
	count    int8 // of the eventfd
	blocked  bool

	step [senders]int8 // within the message
	slot [senders]int8 // which message; slotsEach when all are sent
	was  [senders]bool // the list was empty
	saw  [senders]bool // the reader sleeps

	reader int8
	taken  [slotsEach + 1]int8
	seen   [slotsEach]uint8 // messages that were read, by sender
}

func pushed(l [slotsEach + 1]int8, s int8) [slotsEach + 1]int8 {
	copy(l[1:], l[:])
	l[0] = s + 1
	return l
}

// Steps of a sender.
const (
	mark   = iota // the message's bit; the rest only if the slot was not queued
	early         // lookFirst: the look at sleeping
	push          // into the list
	look          // at sleeping, if the list was empty
	claim         // sleeping is taken back
	wakeUp        // of the reader
)

func (p protocol) send(w state, i int) (state, bool) {
	s := w.slot[i]
	if s == slotsEach {
		return w, false
	}
	next := func() {
		w.slot[i]++
		w.step[i] = mark
	}
	switch w.step[i] {
	case mark:
		w.bits[s] |= 1 << i
		if w.queued[s] {
			next()
			break
		}
		w.queued[s] = true
		w.step[i] = push
		if p.lookFirst {
			w.step[i] = early
		}
	case early:
		w.saw[i] = w.sleeping
		w.step[i] = push
	case push:
		w.was[i] = w.list[0] == 0
		w.list = pushed(w.list, s)
		if w.step[i] = look; !w.was[i] {
			next()
		}
	case look:
		if saw := w.sleeping; p.lookFirst && !w.saw[i] || !p.lookFirst && !saw {
			next()
			break
		}
		w.step[i] = claim
	case claim:
		if w.step[i] = wakeUp; !w.sleeping {
			next()
			break
		}
		w.sleeping = false
	case wakeUp:
		if p.eventCount {
			w.count++
		}
		w.blocked = false
		next()
	}
	return w, true
}

// Steps of the reader.
const (
	take    = iota // the whole list
	doze           // sleeping is set
	recheck        // the last look at the list
	wait           // at the futex, or for the count
	rise           // sleeping is taken back
	clear          // the first of what was taken is not queued any more
	handle         // its messages are read
)

func (p protocol) read(w state) (state, bool) {
	if w.blocked {
		if !p.eventCount || w.count == 0 {
			return w, false
		}
		w.blocked = false
	}
	switch w.reader {
	case take:
		w.taken, w.list = w.list, [slotsEach + 1]int8{}
		switch {
		case w.taken[0] != 0 && p.clearLate:
			w.reader = handle
		case w.taken[0] != 0:
			w.reader = clear
		case p.sleepLate:
			w.reader = recheck
		default:
			w.reader = doze
		}
	case doze:
		w.sleeping = true
		if w.reader = recheck; p.sleepLate {
			w.reader = wait
		}
	case recheck:
		switch {
		case w.list[0] != 0:
			w.reader = rise
		case p.sleepLate:
			w.reader = doze
		default:
			w.reader = wait
		}
	case wait:
		w.reader = rise
		if p.eventCount {
			if w.count == 0 {
				w.reader, w.blocked = wait, true
				break
			}
			w.count = 0
		} else if w.sleeping { // the kernel looks, and blocks, at once
			w.blocked = true
		}
	case rise:
		w.sleeping = false
		w.reader = take
	case clear:
		w.queued[w.taken[0]-1] = false
		w.reader = handle
		if p.clearLate {
			w.reader = p.after(&w)
		}
	case handle:
		s := w.taken[0] - 1
		w.seen[s] |= w.bits[s]
		w.bits[s] = 0
		w.reader = clear
		if !p.clearLate {
			w.reader = p.after(&w)
		}
	}
	return w, true
}

// after goes on to the next of what was taken.
func (p protocol) after(w *state) int8 {
	copy(w.taken[:], w.taken[1:])
	w.taken[slotsEach] = 0
	switch {
	case w.taken[0] == 0:
		return take
	case p.clearLate:
		return handle
	}
	return clear
}

// loses explores all orders and reports whether a message was never read, and the number
// of states.
func (p protocol) loses() (bool, int) {
	visited := map[state]bool{}
	todo := []state{{}}
	for len(todo) > 0 {
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if visited[w] {
			continue
		}
		visited[w] = true
		stuck := true
		for i := range senders {
			if next, ok := p.send(w, i); ok {
				stuck = false
				todo = append(todo, next)
			}
		}
		if next, ok := p.read(w); ok {
			stuck = false
			todo = append(todo, next)
		}
		if stuck {
			for s := range slotsEach {
				if w.seen[s] != 1<<senders-1 {
					return true, len(visited)
				}
			}
		}
	}
	return false, len(visited)
}

func TestNoWakeUpIsLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		p     protocol
		loses bool
	}{
		{"to the runtime", protocol{}, false},
		{"to Go", protocol{eventCount: true}, false},
		{"a sender that looks too early", protocol{lookFirst: true}, true},
		{"a reader that sleeps too late", protocol{sleepLate: true}, true},
		{"a slot that is queued for too long", protocol{clearLate: true}, true},
	} {
		lost, states := c.p.loses()
		t.Logf("%s: %d states", c.name, states)
		if lost != c.loses || states < 1000 && !lost {
			t.Errorf("%s: a message is lost: %v in %d states, want %v", c.name, lost, states, c.loses)
		}
	}
}
