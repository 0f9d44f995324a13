package usage

import (
	"errors"
	"os"
	"slices"
	"strconv"
)

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
