//go:build !linux

package usage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"

	psnet "github.com/shirou/gopsutil/v3/net"

	"ancmbench"
)

// Watch finds the processes to which a server passes requests on. This system does not say
// what a connection has carried, so it knows only to whom a server is connected.
type Watch struct{}

// NewWatch returns a watch. It never fails.
func NewWatch() (*Watch, error) { return &Watch{}, nil }

// Follow does nothing here.
func (w *Watch) Follow([]int) {}

// Quiet does nothing here.
func (w *Watch) Quiet(context.Context) error { return nil }

// Edge does nothing here.
func (w *Watch) Edge() {}

// Begin does nothing here.
func (w *Watch) Begin() {}

// Sample does nothing here.
func (w *Watch) Sample() {}

// Close does nothing here.
func (w *Watch) Close() {}

// Behind returns the processes that listen at the one address of this machine to which front
// is connected, with the role upstream. It has no processes if there is no such address. If
// there are several, its Missing says that it cannot choose.
func (w *Watch) Behind(front Role, own func(edge int) bool, alone bool, requests int64) Role {
	role := Role{Name: ancmbench.RoleUpstream}
	found, err := connectedTo(front.PIDs)
	switch {
	case err != nil:
		role.Missing = err.Error()
	case len(found) > 1:
		role.Missing = fmt.Sprintf("the server is connected to %d others, and this system does not say which of them got the requests", len(found))
	case len(found) == 1:
		role = found[0]
		role.Name = ancmbench.RoleUpstream
	}
	return role
}

// connectedTo returns the servers on loopback to which some processes are connected, without
// themselves and us.
func connectedTo(pids []int) ([]Role, error) {
	asked := map[string]bool{}
	var out []Role
	for _, pid := range pids {
		conns, err := psnet.ConnectionsPid("tcp", int32(pid))
		if err != nil {
			return nil, fmt.Errorf("connections of process %d: %w", pid, bare(err))
		}
		for _, c := range conns {
			addr := net.JoinHostPort(c.Raddr.IP, fmt.Sprint(c.Raddr.Port))
			ip, err := netip.ParseAddr(c.Raddr.IP)
			if err != nil || c.Status != "ESTABLISHED" || !ip.Unmap().IsLoopback() || asked[addr] {
				continue
			}
			asked[addr] = true
			r, err := FindServer("tcp", addr)
			if errors.Is(err, ErrNoListener) {
				continue // a client: nothing listens on an ephemeral port
			}
			if err != nil {
				return nil, err
			}
			if !slices.Contains(r.PIDs, os.Getpid()) && !slices.ContainsFunc(r.PIDs, func(p int) bool { return slices.Contains(pids, p) }) {
				for p := range r.Whys {
					r.Whys[p] = "process " + fmt.Sprint(pid) + " is connected to " + addr
				}
				out = append(out, r)
			}
		}
	}
	return out, nil
}
