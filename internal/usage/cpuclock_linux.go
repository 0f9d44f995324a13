package usage

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// clockOf returns the kernel's id of a process's scheduler clock: the inverted process id,
// followed by three bits that say "per process, CPUCLOCK_SCHED".
func clockOf(pid int) int32 { return int32(^pid)<<3 | 2 }

// processTime returns the processor time that a process has used.
func processTime(pid int) (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(clockOf(pid), &t); err != nil {
		if errors.Is(err, unix.EINVAL) {
			return 0, fmt.Errorf("process %d: %w", pid, ErrGone)
		}
		return 0, err
	}
	return time.Duration(t.Nano()), nil
}
