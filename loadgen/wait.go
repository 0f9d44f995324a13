package loadgen

import (
	"fmt"
	"runtime"
	"time"
)

// The ways to wait for a due time, as in Load.Spin.
const (
	Precise  = "precise"  // spin long enough for a late timer; needs a core of its own
	Balanced = "balanced" // spin for the usual lateness of the kernel's timer
	Idle     = "idle"     // never spin
)

// The time before the due time at which sleeping ends. With 1 ns of timer slack the
// kernel returns about 33 us late, mostly less than 100.
const (
	preciseLead  = 150 * time.Microsecond
	balancedLead = 30 * time.Microsecond
)

// ownCores is the least number of cores with which the generator has cores of its own.
const ownCores = 4

// SpinLead returns how long before a due time to stop sleeping and begin to spin. Empty
// means precise with at least 4 cores, and balanced otherwise. It fails on other words.
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

// napMost limits one sleep, so that a stop is noticed soon.
const napMost = 20 * time.Millisecond

// Waiter waits for instants without the runtime's timers, which are about 1 ms late in an
// idle process (golang/go#44343). It is for one goroutine. The goroutine need not be
// locked to its thread: a locked one passes its work on more slowly.
type Waiter struct {
	lead time.Duration
	spun time.Duration
}

// NewWaiter returns a waiter for a value of Load.Spin. It fails where SpinLead fails.
func NewWaiter(spin string) (*Waiter, error) {
	lead, err := SpinLead(spin)
	if err != nil {
		return nil, err
	}
	return &Waiter{lead: lead}, nil
}

// Until waits for the instant t. It reports false if stop was closed before.
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
		// Reading the clock is the pause.
	}
	w.spun += time.Since(from)
	return true
}

// Spun returns the processor time spent spinning. It does not count as load of the
// generator.
func (w *Waiter) Spun() time.Duration { return w.spun }
