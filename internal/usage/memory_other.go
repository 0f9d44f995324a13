//go:build !linux

package usage

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/shirou/gopsutil/v3/process"

	"ancmbench"
)

// ReadMemory returns the sum of the memory of some processes. Only RSS is available here,
// so a page that two processes share counts twice; on Windows also the private usage. The second result says why the other
// fields are nil, under their names. It fails with ErrGone if a process has ended, because
// a sum without it would be too small.
func ReadMemory(pids []int) (ancmbench.MemoryUse, Unsupported, error) {
	var use ancmbench.MemoryUse
	if len(pids) == 0 {
		return use, nil, errors.New("memory: no processes")
	}
	var private int64
	for _, pid := range pids {
		p, err := process.NewProcess(int32(pid))
		if errors.Is(err, process.ErrorProcessNotRunning) {
			return ancmbench.MemoryUse{}, nil, fmt.Errorf("memory: process %d: %w", pid, ErrGone)
		}
		if err != nil {
			return ancmbench.MemoryUse{}, nil, fmt.Errorf("memory: process %d: %w", pid, bare(err))
		}
		m, err := p.MemoryInfo()
		if err != nil {
			return ancmbench.MemoryUse{}, nil, fmt.Errorf("memory: process %d: %w", pid, bare(err))
		}
		use.RSS += int64(m.RSS)
		private += int64(m.VMS)
	}
	const why = "this system does not tell shared pages from private ones"
	missing := Unsupported{"pss_bytes": why, "uss_bytes": why, "peak_rss_bytes": "not read on this system"}
	if runtime.GOOS == "windows" {
		// What gopsutil calls VMS is PagefileUsage there, which is PrivateUsage.
		use.USS = &private
		delete(missing, "uss_bytes")
	}
	return use, missing, nil
}
