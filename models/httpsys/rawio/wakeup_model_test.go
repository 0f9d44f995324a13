package rawio

import "testing"

// The model of a wait that is ended by an edge-triggered poller: every order in
// which a peer's acts, the poller's reports and our own steps can follow one
// another. A state in which we wait, the peer has nothing more to do, and the
// socket has something to read is a wake-up that was lost.

// act is what a peer does to our socket.
type act byte

const (
	data act = iota // one byte comes
	fin             // the end comes; the peer lingers and does nothing more
	rst             // a reset comes
)

func (a act) String() string { return [...]string{"data", "fin", "rst"}[a] }

// step is one of our own.
type step byte

const (
	forget step = iota // the poller's memory of readiness is cleared
	look               // a read that must find nothing
	write              // the request is sent
	wait               // until the memory is set, and then a read
)

// world is one state. It is comparable, so that it can be visited once.
type world struct {
	bytes      int  // in the receive queue
	ended      bool // behind them
	reset      bool
	reported   bool // an edge that the poller has not been told of yet
	ready      bool // the poller's memory
	sent       bool // our request
	peer, self int  // how far each has come
}

func (w world) readable() bool { return w.bytes > 0 || w.ended || w.reset }

// lost explores all orders of one program of ours and one of a peer's, and gives
// the first state in which a wake-up was lost. The peer's acts from answer on come
// only after our request was sent.
func lost(ours []step, peers []act, answer int) (world, bool) {
	seen := map[world]bool{}
	var visit func(w world) (world, bool)
	visit = func(w world) (world, bool) {
		if seen[w] {
			return w, false
		}
		seen[w] = true
		next := after(w, ours, peers, answer)
		if len(next) == 0 {
			waiting := w.self < len(ours) && ours[w.self] == wait
			return w, waiting && w.readable()
		}
		for _, n := range next {
			if bad, found := visit(n); found {
				return bad, true
			}
		}
		return w, false
	}
	return visit(world{})
}

// after returns the states that can follow.
func after(w world, ours []step, peers []act, answer int) (next []world) {
	if w.peer < len(peers) && (w.peer < answer || w.sent) {
		n := w
		n.peer++
		switch peers[w.peer] {
		case data:
			n.bytes++
		case fin:
			n.ended = true
		case rst:
			n.reset = true
		}
		n.reported = true
		next = append(next, n)
	}
	if w.reported {
		n := w
		n.reported, n.ready = false, true
		next = append(next, n)
	}
	if w.self == len(ours) {
		return next
	}
	n := w
	switch ours[w.self] {
	case forget:
		n.ready = false
		n.self++
	case look:
		n.self++
		if w.readable() {
			n.self = len(ours) // over: the connection is not quiet
		}
	case write:
		n.sent = true
		n.self++
	case wait:
		if !w.ready {
			return next
		}
		n.ready = false
		if w.readable() {
			n.self++
		}
	}
	return append(next, n)
}

// peers returns the acts of a peer in every order that a connection allows: up to two
// pieces of data, then nothing, an end or a reset.
func peers() (all [][]act) {
	for n := range 3 {
		for _, last := range [][]act{nil, {fin}, {rst}, {fin, rst}} {
			p := []act{}
			for range n {
				p = append(p, data)
			}
			all = append(all, append(p, last...))
		}
	}
	return all
}

func TestNoWakeUpIsLost(t *testing.T) {
	for name, ours := range map[string][]step{
		"Call":             {forget, look, write, wait},
		"Read":             {forget, look, wait},
		"Call, then Read":  {forget, look, write, wait, forget, look, wait},
		"Write, then Read": {write, forget, look, wait},
	} {
		for _, p := range peers() {
			for answer := range len(p) + 1 {
				if w, found := lost(ours, p, answer); found {
					t.Errorf("%s: lost before %v, answer from %d: %+v", name, p, answer, w)
				}
			}
		}
	}
}

// The model finds what it is there to find: without the look, or with the look
// before the forgetting, an end that comes early is waited for in vain.
func TestModelFindsALostWakeUp(t *testing.T) {
	for name, ours := range map[string][]step{
		"no look":                    {forget, write, wait},
		"look before the forgetting": {look, forget, write, wait},
	} {
		count := 0
		for _, p := range peers() {
			for answer := range len(p) + 1 {
				if _, found := lost(ours, p, answer); found {
					count++
				}
			}
		}
		if count == 0 {
			t.Errorf("%s: nothing is lost in the model", name)
		}
	}
}
