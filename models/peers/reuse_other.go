//go:build !linux

package peers

import (
	"errors"
	"net/netip"
)

func peersOf(netip.AddrPort) (map[netip.AddrPort]bool, error) {
	return nil, errors.New("counting backend connections: only Linux is supported")
}
