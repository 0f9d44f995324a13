package host

import (
	"maps"

	"ancmbench"
)

// The bounds of Traffic.
const (
	// A connection that finds the accept queue full waits a second for its next
	// attempt, so even one is too many.
	overflowBound = 0
	// Loopback loses nothing. A few retransmits may belong to other connections of the
	// machine, which share the counters.
	retransmitBound = 10
)

// Traffic holds the machine's TCP counters since it was started, over all connections of
// this network namespace.
type Traffic struct {
	// Retransmits counts retransmitted segments. Overflows counts connections that
	// found a listener's queue full.
	Retransmits, Overflows int64
	// Unsupported maps "retransmits" and "listen_overflows" to why they are missing.
	Unsupported map[string]string
}

// Since returns the checks and warnings for the counts between before and t.
func (t Traffic) Since(before Traffic) Inspection {
	missing := maps.Clone(before.Unsupported)
	if missing == nil {
		missing = make(map[string]string)
	}
	maps.Copy(missing, t.Unsupported)
	var out Inspection
	out.note(ancmbench.Check{Name: "retransmits_count", Value: float64(t.Retransmits - before.Retransmits),
		Bound: retransmitBound, Unsupported: missing["retransmits"]}, ancmbench.WarnRetransmits, "")
	out.note(ancmbench.Check{Name: "listen_overflows_count", Value: float64(t.Overflows - before.Overflows),
		Bound: overflowBound, Unsupported: missing["listen_overflows"]}, ancmbench.WarnListenOverflow, "")
	return out
}
