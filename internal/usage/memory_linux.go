package usage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"ancmbench"
)

// ReadMemory returns the sum of the memory of some processes. It is slow, because the
// kernel walks every mapping: do not call it within a slice, nor more than once a second.
// A field that cannot be read is nil, and the second result says why under the field's
// name ("pss_bytes", "uss_bytes", "peak_rss_bytes"). It fails with ErrGone if a process
// has ended, and with errors.ErrUnsupported if we may not read one's memory, because a sum
// without it would be too small.
func ReadMemory(pids []int) (ancmbench.MemoryUse, Unsupported, error) {
	var use ancmbench.MemoryUse
	if len(pids) == 0 {
		return use, nil, errors.New("memory: no processes")
	}
	missing := Unsupported{}
	var pss, uss, peak int64
	for _, pid := range pids {
		resident, high, err := readStatusMemory(pid)
		if err != nil {
			return ancmbench.MemoryUse{}, nil, fmt.Errorf("memory: %w", err)
		}
		use.RSS += resident
		peak += high
		r, err := readRollup(pid)
		switch {
		case errors.Is(err, ErrGone) && processLives(pid):
			missing["pss_bytes"] = "this kernel has no smaps_rollup"
		case errors.Is(err, fs.ErrPermission):
			return ancmbench.MemoryUse{}, nil, fmt.Errorf("no permission to read the memory of process %d, which belongs to another user: %w", pid, errors.ErrUnsupported)
		case err != nil:
			return ancmbench.MemoryUse{}, nil, fmt.Errorf("memory: %w", err)
		}
		pss += r.pss
		uss += r.uss
	}
	use.PeakRSS = &peak
	if why, ok := missing["pss_bytes"]; ok {
		missing["uss_bytes"] = why
		return use, missing, nil
	}
	use.PSS, use.USS = &pss, &uss
	return use, nil, nil
}

// rollup holds the values from /proc/PID/smaps_rollup. Private memory is what would be
// freed if the process ended.
type rollup struct {
	pss, uss int64
}

func readRollup(pid int) (rollup, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return rollup{}, processError(pid, err)
	}
	var r rollup
	var private [3]int64
	for _, f := range []struct {
		key  string
		into *int64
		must bool
	}{
		{"Pss:", &r.pss, true},
		{"Private_Clean:", &private[0], true},
		{"Private_Dirty:", &private[1], true},
		{"Private_Hugetlb:", &private[2], false},
	} {
		n, ok := kilobytes(text, f.key)
		if !ok && f.must {
			return rollup{}, fmt.Errorf("process %d: smaps_rollup has no %s", pid, f.key)
		}
		*f.into = n
	}
	r.uss = private[0] + private[1] + private[2]
	return r, nil
}

// readStatusMemory reads VmRSS and VmHWM from /proc/PID/status. A zombie has neither,
// because its memory is freed already.
func readStatusMemory(pid int) (resident, peak int64, err error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, 0, processError(pid, err)
	}
	resident, ok := kilobytes(text, "VmRSS:")
	if !ok {
		return 0, 0, fmt.Errorf("process %d: %w", pid, ErrGone)
	}
	peak, ok = kilobytes(text, "VmHWM:")
	if !ok {
		return 0, 0, fmt.Errorf("process %d: status has no VmHWM", pid)
	}
	return resident, peak, nil
}

// kilobytes returns the value of the line "key   123 kB", in bytes; ok is false if there is
// no such line.
func kilobytes(text []byte, key string) (int64, bool) {
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte(key))
		if !ok {
			continue
		}
		f := bytes.Fields(rest)
		if len(f) != 2 || string(f[1]) != "kB" {
			return 0, false
		}
		n, ok := decimal(f[0])
		if !ok || n > 1<<53 {
			return 0, false
		}
		return int64(n) << 10, true
	}
	return 0, false
}
