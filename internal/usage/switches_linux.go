package usage

import (
	"bytes"
	"errors"
	"fmt"

	"ancmbench"
)

// ReadSwitches returns the context switches of all threads of some processes, since each
// thread began. The switches of ended threads are lost, so the difference of two readings
// can be too small, or negative, for a process that ends threads. It fails with ErrGone if
// a process has ended.
func ReadSwitches(pids []int) (ancmbench.Switches, error) {
	var sum ancmbench.Switches
	if len(pids) == 0 {
		return sum, errors.New("context switches: no processes")
	}
	for _, pid := range pids {
		tids, err := threads(pid)
		if err != nil {
			return ancmbench.Switches{}, fmt.Errorf("context switches: %w", err)
		}
		for _, tid := range tids {
			text, err := taskFile(pid, tid, "status")
			if errors.Is(err, ErrGone) {
				continue
			}
			if err != nil {
				return ancmbench.Switches{}, fmt.Errorf("context switches: %w", err)
			}
			s, err := parseSwitches(text)
			if err != nil {
				return ancmbench.Switches{}, fmt.Errorf("context switches: process %d: %w", pid, err)
			}
			sum.Voluntary += s.Voluntary
			sum.Involuntary += s.Involuntary
		}
	}
	return sum, nil
}

// parseSwitches reads the last two lines of /proc/PID/task/TID/status.
func parseSwitches(text []byte) (ancmbench.Switches, error) {
	var s ancmbench.Switches
	found := 0
	for line := range bytes.Lines(text) {
		for _, f := range []struct {
			key  string
			into *int64
		}{
			{"voluntary_ctxt_switches:", &s.Voluntary},
			{"nonvoluntary_ctxt_switches:", &s.Involuntary},
		} {
			rest, ok := bytes.CutPrefix(line, []byte(f.key))
			if !ok {
				continue
			}
			n, ok := decimal(bytes.TrimSpace(rest))
			if !ok || n > 1<<62 {
				return ancmbench.Switches{}, errors.New("status: a count of switches is not a number")
			}
			*f.into = int64(n)
			found++
		}
	}
	if found != 2 {
		return ancmbench.Switches{}, errors.New("status: no count of switches")
	}
	return s, nil
}
