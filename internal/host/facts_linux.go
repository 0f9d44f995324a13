package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// virtualizationKnown says that a machine without a visible hypervisor has none.
const virtualizationKnown = true

// root is the machine's file tree; tests use another one.
func root() fs.FS { return os.DirFS("/") }

func governor() (string, error)    { return governorIn(root()) }
func clockSource() (string, error) { return clockSourceIn(root()) }

// governorIn returns the names of the governors of all cores, each once. A virtual machine
// has none.
func governorIn(fsys fs.FS) (string, error) {
	files, err := fs.Glob(fsys, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", unsupported("the system does not show its cores' frequency")
	}
	var names []string
	for _, f := range files {
		s, err := word(fsys, f)
		if err != nil {
			return "", err
		}
		names = append(names, s)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ","), nil
}

func clockSourceIn(fsys fs.FS) (string, error) {
	return word(fsys, "sys/devices/system/clocksource/clocksource0/current_clocksource")
}

func word(fsys fs.FS, name string) (string, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return "", bare(err)
	}
	return strings.TrimSpace(string(text)), nil
}

// coresAllowed returns how many cores this process may keep busy: the least of its
// affinity and the bandwidth limits of its groups.
func coresAllowed() (float64, error) {
	cpus, err := affinity()
	if err != nil {
		return 0, err
	}
	n := float64(len(cpus))
	limit, err := groupLimit(root())
	if errors.Is(err, errNoLimit) {
		return n, nil
	}
	if err != nil {
		return 0, err
	}
	return min(n, limit), nil
}

// affinity returns the cores on which this process may run.
func affinity() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("affinity: %w", err)
	}
	var out []int
	for i := 0; len(out) < set.Count(); i++ {
		if set.IsSet(i) {
			out = append(out, i)
		}
	}
	return out, nil
}
