package peers

import (
	"fmt"
	"net/netip"
)

// Connections are the other ends of a server's connections at one instant.
type Connections map[netip.AddrPort]bool

// ConnectionsOf returns the connections of the server at an IP address and port, those
// included that were closed less than a minute ago. It fails where the system has no table
// of them (it has one on Linux).
func ConnectionsOf(server string) (Connections, error) {
	at, err := netip.ParseAddrPort(server)
	if err != nil {
		return nil, fmt.Errorf("server %q: must be an IP address and port", server)
	}
	return peersOf(at)
}

// Since returns how many of the connections were not there before. A connection that ended
// and was forgotten meanwhile, or has the port of an earlier one, is not among them.
func (c Connections) Since(before Connections) int64 {
	n := int64(0)
	for other := range c {
		if !before[other] {
			n++
		}
	}
	return n
}
