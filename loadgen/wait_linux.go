package loadgen

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap sleeps in the kernel. It may end early, by a signal of the runtime's.
// Whether a spin follows does not matter here.
func nap(d time.Duration, _ bool) {
	// The slack, 50 us unless told otherwise, is the thread's, and the goroutine
	// may have moved to another. Where this is refused the lag will show it.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil)
}
