package peers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
)

const loopback = "127.0.0.1"

// onLoopback reports whether an IP address is reached from its own host only.
func onLoopback(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.IsLoopback()
}

// Ports are drawn from below the range that systems give to outgoing
// connections (Linux from 32768, IANA from 49152): a generator with thousands
// of connections must not take the port between our look and the server's bind.
const (
	lowestPort  = 10000
	highestPort = 32000
	portTries   = 50
)

// freePort returns a random port on which nobody listens now. It fails if it finds
// none.
func freePort() (int, error) {
	var faults error
	for range portTries {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		// All addresses, because a server may want them all.
		l, err := net.Listen("tcp", ":"+strconv.Itoa(port))
		if err != nil {
			faults = err
			continue
		}
		return port, l.Close()
	}
	return 0, errors.Join(fmt.Errorf("no free port in %d tries between %d and %d", portTries, lowestPort, highestPort), faults)
}
