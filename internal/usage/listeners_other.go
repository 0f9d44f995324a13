//go:build !linux

package usage

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	psnet "github.com/shirou/gopsutil/v3/net"
	"github.com/shirou/gopsutil/v3/process"

	"ancmbench"
)

// FindServer returns the processes that serve an address, with the role server: those that
// listen there, and their descendants, such as a master's workers. network is "tcp", with an
// address like "127.0.0.1:8080", "[::1]:8080" or "localhost:8080"; the holders of Unix
// sockets are unsupported here. It fails with ErrElsewhere if the address is not of this
// machine, and with ErrNoListener if no process listens there.
func FindServer(network, address string) (Role, error) {
	if network != "tcp" {
		return Role{}, unsupported("this system does not say which process listens on a Unix socket")
	}
	want, err := parseListen(address)
	if err != nil {
		return Role{}, err
	}
	if !ownAddress(want.Addr()) {
		return Role{}, fmt.Errorf("%s: %w", address, ErrElsewhere)
	}
	all, err := psnet.Connections("tcp")
	if err != nil {
		return Role{}, fmt.Errorf("listeners: %w", bare(err))
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
		return Role{}, fmt.Errorf("%s: %w", address, ErrNoListener)
	}
	var holders []int
	for _, s := range found {
		holders = append(holders, int(s.id))
	}
	slices.Sort(holders)
	f, err := processes()
	if err != nil {
		return Role{}, fmt.Errorf("listeners: %w", err)
	}
	return f.servers(slices.Compact(holders), fmt.Sprintf("listens on port %d", want.Port())).role(ancmbench.RoleServer, f), nil
}

// ownAddress reports whether an address belongs to this machine. A zero one stands for
// localhost.
func ownAddress(ip netip.Addr) bool {
	if !ip.IsValid() || ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	own, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(own, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Unmap().WithZone("") == ip.WithZone("")
	})
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

func processNumbers() ([]int, error) {
	all, err := process.Pids()
	if err != nil {
		return nil, bare(err)
	}
	out := make([]int, len(all))
	for i, pid := range all {
		out[i] = int(pid)
	}
	slices.Sort(out)
	return out, nil
}

// namesOf returns a process's name and the base name of its program, which is empty if we may
// not see it. Both are empty if it has ended.
func namesOf(pid int) (own, program string) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return "", ""
	}
	if own, err = p.Name(); err != nil {
		return "", ""
	}
	if exe, err := p.Exe(); err == nil && exe != "" {
		program = filepath.Base(exe)
	}
	return own, program
}

// sameName reports whether a process's name is the wanted one: where programs have the suffix
// .exe, it may be left out, and case does not matter.
func sameName(name, want string) bool {
	const suffix = ".exe"
	lower := strings.ToLower(name)
	return name != "" && (name == want || strings.HasSuffix(lower, suffix) &&
		strings.TrimSuffix(lower, suffix) == strings.TrimSuffix(strings.ToLower(want), suffix))
}

// startTicks returns when a process began, in milliseconds. It fails with ErrGone if the
// process has ended.
func startTicks(pid int) (uint64, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, fmt.Errorf("process %d: %w", pid, ErrGone)
	}
	at, err := p.CreateTime()
	if err != nil {
		return 0, fmt.Errorf("process %d: %w", pid, bare(err))
	}
	return uint64(at), nil
}

// programID returns "", because only PSS needs it, which does not exist here.
func programID(int) string { return "" }
