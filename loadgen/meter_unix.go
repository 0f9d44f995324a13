//go:build unix && !linux

package loadgen

import (
	"time"

	"golang.org/x/sys/unix"
)

func (r *reading) readSystem() {
	var ru unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &ru); err != nil {
		r.unsupported[checkCPU] = err.Error()
	}
	r.cpu = time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	r.onlyOnLinux()
}
