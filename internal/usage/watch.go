package usage

import (
	"math"
	"time"
)

// QuietTime is how long a Watch observes the machine without load. What flows then is not
// the measured requests.
const QuietTime = 150 * time.Millisecond

// reach says whether a connection carried the measured requests.
type reach int

const (
	unreached reach = iota
	unclear         // others use it, and their use varies as much
	reached
)

// carried judges a count of pieces of data that a connection carried while a target got some
// requests for a time. quiet is the count of a time without load: what others send. A stray
// request among many is not the load's.
func carried(count uint64, took time.Duration, quiet uint64, quietTook time.Duration, requests int64) reach {
	least := 1.0
	if requests > 1 {
		least = max(2, float64(requests)*leastShare)
	}
	expected, clear := 0.0, 0.0
	if quiet > 0 && quietTook > 0 {
		scale := float64(took) / float64(quietTook)
		expected = float64(quiet) * scale
		// Three standard deviations of a difference of two Poisson counts; and what
		// others do is never as even as that.
		clear = 3*math.Sqrt(expected*(1+scale)) + expected/2
	}
	switch excess := float64(count) - expected; {
	case excess < least:
		return unreached
	case excess < clear:
		return unclear
	}
	return reached
}

// leastShare is the share of the measured requests that a connection must have carried:
// one of 200 backends behind a balancer does, and a stray request does not.
const leastShare = 1.0 / 200

// worked is carried for the processor time of a process whose connections cannot be looked
// into: those of Unix sockets. others is what it used while other targets were loaded, which
// goes on for a moment after them.
func worked(used, took, others, othersTook, quiet, quietTook time.Duration, requests int64) bool {
	excess := used
	if quietTook > 0 {
		excess -= time.Duration(float64(quiet) * float64(took) / float64(quietTook))
	}
	if othersTook > 0 && float64(used)/float64(took) < trailing*float64(others)/float64(othersTook) {
		return false
	}
	return excess >= leastWork*time.Duration(max(1, requests)) && excess >= used/4
}

const (
	// leastWork is less than what any process needs to answer one request: reading it and
	// writing the answer are two system calls.
	leastWork = 2 * time.Microsecond
	// trailing is more than the share of the work for a target that a process does after
	// the target's slices.
	trailing = 0.2
)

// SampleEvery calls Sample every period until stop is called, which waits for the last.
func (w *Watch) SampleEvery(period time.Duration) (stop func()) { return every(period, w.Sample) }

func every(period time.Duration, do func()) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(period)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				do()
			}
		}
	}()
	return func() { close(quit); <-done }
}
