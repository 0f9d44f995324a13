package host

import (
	"maps"

	"ancmbench"
)

// The bounds of Traffic.
const (
	// A connection that found the accept queue full waits a second for its next
	// attempt: one is too many.
	overflowBound = 0
	// Over loopback nothing is lost; a few may be of other connections of the
	// machine, whose counters are not apart.
	retransmitBound = 10
)

// Traffic is what the machine's TCP counted since it was started: all
// connections of this network namespace, not ours alone.
type Traffic struct {
	// Retransmits are segments sent again, Overflows are connections that found a
	// listener's queue full.
	Retransmits, Overflows int64
	// Unsupported maps "retransmits" and "listen_overflows" to why they are missing.
	Unsupported map[string]string
}

// Since gives the checks and warnings for what was counted from before to t.
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
