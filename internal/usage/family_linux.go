package usage

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
)

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

// processes returns the parent of every process.
func processes() (family, error) {
	pids, err := processNumbers()
	if err != nil {
		return nil, err
	}
	f := make(family, len(pids))
	for _, pid := range pids {
		s, err := readStat(pid)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f[pid] = s.parent
	}
	return f, nil
}

func processNumbers() ([]int, error) {
	d, err := os.Open("/proc")
	if err != nil {
		return nil, bare(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, bare(err)
	}
	var pids []int
	for _, n := range names {
		if pid, err := strconv.Atoi(n); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}
