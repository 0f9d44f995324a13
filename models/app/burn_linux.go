package app

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// burn uses d of this thread's CPU time: what another process takes from the
// core in between does not count.
func burn(d time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start, ok := threadTime()
	if !ok {
		burnClock(d)
		return
	}
	for x := uint32(seed); x != 0; x = spin(x) {
		now, ok := threadTime()
		if !ok || now-start >= d {
			return
		}
	}
}

func threadTime() (time.Duration, bool) {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0, false
	}
	return time.Duration(ts.Nano()), true
}
