//go:build !linux

package usage

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/shirou/gopsutil/v3/net"
	"github.com/shirou/gopsutil/v3/process"
)

// ListenerPIDs returns the processes that listen at a local TCP address, and their
// descendants, such as a master's workers. addr is "127.0.0.1:8080", "[::1]:8080" or
// "localhost:8080". It fails with ErrNoListener if there is none.
func ListenerPIDs(addr string) ([]int, error) {
	want, err := parseListen(addr)
	if err != nil {
		return nil, err
	}
	all, err := net.Connections("tcp")
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", bare(err))
	}
	var sockets []socket
	for _, c := range all {
		if c.Status != "LISTEN" || c.Pid <= 0 {
			continue
		}
		ip, err := netip.ParseAddr(c.Laddr.IP)
		if err != nil {
			ip = netip.IPv6Unspecified() // "*" on some systems
		}
		sockets = append(sockets, socket{local: netip.AddrPortFrom(ip, uint16(c.Laddr.Port)), id: uint64(c.Pid)})
	}
	found := serving(sockets, want)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: %w", addr, ErrNoListener)
	}
	var holders []int
	for _, s := range found {
		holders = append(holders, int(s.id))
	}
	slices.Sort(holders)
	f, err := processes()
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", err)
	}
	return f.servers(slices.Compact(holders)), nil
}

// Tree returns a process and all its descendants. It fails with ErrGone if the process has
// ended.
func Tree(pid int) ([]int, error) {
	f, err := processes()
	if err != nil {
		return nil, fmt.Errorf("process tree: %w", err)
	}
	if _, ok := f[pid]; !ok {
		return nil, fmt.Errorf("process tree: process %d: %w", pid, ErrGone)
	}
	return f.tree([]int{pid}), nil
}

func processes() (family, error) {
	all, err := process.Processes()
	if err != nil {
		return nil, bare(err)
	}
	f := make(family, len(all))
	for _, p := range all {
		parent, err := p.Ppid()
		if err != nil {
			parent = 0 // we may not inspect it, so it counts as a root
		}
		f[int(p.Pid)] = int(parent)
	}
	return f, nil
}
