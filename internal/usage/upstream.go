package usage

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"

	psnet "github.com/shirou/gopsutil/v3/net"
)

// UpstreamPIDs returns the processes that listen on the loopback ports to which the given
// processes are connected: the app behind a proxy, if the proxy has kept-alive connections
// to it. It includes their descendants, but not the given processes and our own.
func UpstreamPIDs(pids []int) ([]int, error) {
	asked := map[string]bool{}
	var found []int
	for _, pid := range pids {
		conns, err := psnet.ConnectionsPid("tcp", int32(pid))
		if err != nil {
			return nil, fmt.Errorf("upstreams of process %d: %w", pid, bare(err))
		}
		for _, c := range conns {
			addr := net.JoinHostPort(c.Raddr.IP, fmt.Sprint(c.Raddr.Port))
			ip, err := netip.ParseAddr(c.Raddr.IP)
			if err != nil || c.Status != "ESTABLISHED" || !ip.Unmap().IsLoopback() || asked[addr] {
				continue
			}
			asked[addr] = true
			// Most are clients; nothing listens on an ephemeral port.
			if behind, err := ListenerPIDs(addr); err == nil {
				found = append(found, behind...)
			}
		}
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(pid int) bool {
		return pid == os.Getpid() || slices.Contains(pids, pid)
	}), nil
}
