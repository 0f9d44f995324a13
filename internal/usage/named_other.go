//go:build !linux

package usage

import (
	"fmt"
	"slices"

	psnet "github.com/shirou/gopsutil/v3/net"

	"ancmbench"
)

// listenersOn returns the processes that listen on a TCP port, and their descendants.
func listenersOn(port uint16, f family) ([]int, error) {
	all, err := psnet.Connections("tcp")
	if err != nil {
		return nil, fmt.Errorf("listeners: %w", bare(err))
	}
	var holders []int
	for _, c := range all {
		if c.Status == "LISTEN" && c.Pid > 0 && c.Laddr.Port == uint32(port) {
			holders = append(holders, int(c.Pid))
		}
	}
	slices.Sort(holders)
	return f.servers(slices.Compact(holders), "").pids(), nil
}

func groupMembers(r ancmbench.ProcessRule) ([]int, error) {
	return nil, unsupported("%s: this system has no control groups: use port, pid or name", r.By)
}

func groupOf(ancmbench.ProcessRule) string { return "" }
