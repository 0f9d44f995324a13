package loadgen

import (
	"fmt"
	"runtime"
	"time"
)

// The ways to wait for a due time, as in Load.Spin.
const (
	Precise  = "precise"  // spin over the last stretch: needs a core of one's own
	Balanced = "balanced" // spin over what the kernel usually oversleeps
	Idle     = "idle"     // never spin
)

// How long before the due time the kernel's wait ends. With 1 ns of timer slack
// it returns about 33 us late, mostly below 100.
const (
	preciseLead  = 150 * time.Microsecond
	balancedLead = 30 * time.Microsecond
)

// ownCores is the number of cores from which on the generator has some of its own.
const ownCores = 4

// SpinLead gives how long before a due time to stop sleeping and begin to spin.
// Empty chooses precise where there are at least 4 cores, else balanced.
func SpinLead(spin string) (time.Duration, error) {
	switch spin {
	case "":
		if runtime.NumCPU() >= ownCores {
			return preciseLead, nil
		}
		return balancedLead, nil
	case Precise:
		return preciseLead, nil
	case Balanced:
		return balancedLead, nil
	case Idle:
		return 0, nil
	default:
		return 0, fmt.Errorf("spin %q: not one of precise, balanced, idle", spin)
	}
}

// napMost bounds one sleep, so that a stop is seen soon.
const napMost = 20 * time.Millisecond

// Waiter waits for instants without the runtime's timers, which oversleep by
// about 1 ms on an idle process (golang/go#44343). It is for one goroutine, which
// need not be locked to its thread: a locked one hands its work on more slowly.
type Waiter struct {
	lead time.Duration
	spun time.Duration
}

// NewWaiter makes a waiter for one of the ways of Load.Spin.
func NewWaiter(spin string) (*Waiter, error) {
	lead, err := SpinLead(spin)
	if err != nil {
		return nil, err
	}
	return &Waiter{lead: lead}, nil
}

// Until waits for the instant t, and reports false if stop was closed before.
func (w *Waiter) Until(t time.Time, stop <-chan struct{}) bool {
	for left := time.Until(t); left > w.lead; left = time.Until(t) {
		select {
		case <-stop:
			return false
		default:
		}
		nap(min(left-w.lead, napMost), w.lead > 0)
	}
	from := time.Now()
	if !from.Before(t) {
		return true
	}
	for time.Until(t) > 0 {
		// The clock's read is the pause.
	}
	w.spun += time.Since(from)
	return true
}

// Spun is the processor time that went into spinning: it is no sign of a busy
// generator.
func (w *Waiter) Spun() time.Duration { return w.spun }
