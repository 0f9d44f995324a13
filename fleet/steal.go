package fleet

import (
	"time"

	"ancmbench"
)

const (
	// stealCheck is the name of the check, the same as of the coordinator's own machine.
	stealCheck = "steal_share"
	// stealBound is the share of processor time beyond which the hypervisor is part of
	// what a machine measures.
	stealBound = 0.02
	// stealLeast is the shortest time over which a share is known: the system counts in
	// ticks of 10 ms.
	stealLeast = time.Second
)

// stealWatch observes what the hypervisor takes of an agent's machine. Its zero value
// observes nothing.
type stealWatch struct {
	read        func() (stolen, all time.Duration, err error)
	began       time.Time
	stolen, all time.Duration
	err         error
}

func (w *stealWatch) begin() {
	if w.read != nil {
		w.began = time.Now()
		w.stolen, w.all, w.err = w.read()
	}
}

// end returns the share since begin as a check; false if nothing was observed.
func (w *stealWatch) end() (c ancmbench.Check, ok bool) {
	if w.read == nil || w.began.IsZero() {
		return c, false
	}
	c = ancmbench.Check{Name: stealCheck, Bound: stealBound}
	stolen, all, err := w.read()
	switch all -= w.all; {
	case w.err != nil || err != nil:
		c.Unsupported = "this system does not tell"
	case time.Since(w.began) < stealLeast || all <= 0:
		c.Unsupported = "shorter than a second"
	default:
		c.Value = min(1, max(0, float64(stolen-w.stolen)/float64(all)))
	}
	return c, true
}

// stealDoubt returns the warning of a check of a machine; false if it has none.
func stealDoubt(c ancmbench.Check, machine string) (ancmbench.Warning, bool) {
	return ancmbench.Warning{Code: ancmbench.WarnHostSteal, Value: c.Value, Bound: c.Bound, Detail: machine},
		c.Name == stealCheck && c.Unsupported == "" && c.Value > c.Bound
}
