package usage

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// socket is one listening TCP socket of this machine.
type socket struct {
	local netip.AddrPort
	// id identifies the holder: on Linux the inode in /proc/PID/fd, elsewhere the
	// process itself.
	id uint64
}

// parseListen parses "host:port" as a local address. The host must be localhost or an IP
// address. It does not check that the address belongs to this machine.
func parseListen(addr string) (netip.AddrPort, error) {
	i := strings.LastIndexByte(addr, ':')
	if i < 0 {
		return netip.AddrPort{}, fmt.Errorf("address %q: no port", addr)
	}
	host, port := strings.Trim(addr[:i], "[]"), addr[i+1:]
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}, fmt.Errorf("address %q: port must be 1 to 65535", addr)
	}
	if host == "localhost" || host == "" {
		return netip.AddrPortFrom(netip.Addr{}, uint16(n)), nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("address %q: the host must be localhost or an IP address", addr)
	}
	return netip.AddrPortFrom(ip.Unmap(), uint16(n)), nil
}

// serving returns the sockets that accept a connection to want. Like the system, it
// prefers the address itself to a wildcard. A zero address stands for localhost, and
// matches any loopback or wildcard socket.
func serving(sockets []socket, want netip.AddrPort) []socket {
	var exact, wildcard []socket
	for _, s := range sockets {
		if s.local.Port() != want.Port() {
			continue
		}
		ip := s.local.Addr().Unmap()
		switch {
		case !want.Addr().IsValid() && ip.IsLoopback(), want.Addr().IsValid() && ip == want.Addr().WithZone(""):
			exact = append(exact, s)
		case ip.IsUnspecified() && (ip.Is6() || !want.Addr().IsValid() || want.Addr().Is4()):
			wildcard = append(wildcard, s)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return wildcard
}
