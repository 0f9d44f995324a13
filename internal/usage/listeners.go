package usage

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
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

// family maps each process to its parent.
type family map[int]int

// pids returns all processes, in order.
func (f family) pids() []int { return slices.Sorted(maps.Keys(f)) }

// tree returns the given processes and all their descendants, in order.
func (f family) tree(roots []int) []int {
	children := make(map[int][]int, len(f))
	for pid, parent := range f {
		children[parent] = append(children[parent], pid)
	}
	seen := make(map[int]bool)
	todo := slices.Clone(roots)
	for len(todo) > 0 {
		pid := todo[0]
		todo = todo[1:]
		if seen[pid] {
			continue
		}
		seen[pid] = true
		todo = append(todo, children[pid]...)
	}
	out := make([]int, 0, len(seen))
	for pid := range seen {
		out = append(out, pid)
	}
	slices.Sort(out)
	return out
}

// servers returns the server's processes for the holders of a listening socket: those, and
// their descendants. A service manager that opened the socket (process 1, or one that holds
// it for others) does not belong to the server if another process holds the socket too.
func (f family) servers(holders []int, why string) whys {
	if len(holders) > 1 {
		holders = slices.DeleteFunc(slices.Clone(holders), func(pid int) bool { return pid == 1 })
	}
	w := whys{}
	for _, pid := range holders {
		w[pid] = why
	}
	if slices.Equal(holders, []int{1}) && len(f) > 1 {
		return w // without its descendants, which are all processes
	}
	w.children(f)
	return w
}

// unseenParent returns a process whose parent exists and cannot be seen, as where /proc
// hides the processes of other users. ok is false if there is none.
func (f family) unseenParent(pids []int) (pid int, ok bool) {
	for _, pid := range pids {
		parent, known := f[pid]
		if _, seen := f[parent]; known && parent > 0 && !seen {
			return pid, true
		}
	}
	return 0, false
}
