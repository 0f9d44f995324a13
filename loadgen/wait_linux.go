package loadgen

import (
	"time"

	"golang.org/x/sys/unix"
)

// nap sleeps in the kernel. A signal of the runtime may end it early.
func nap(d time.Duration, _ bool) {
	// The slack, 50 us by default, belongs to the thread, and the goroutine may have
	// moved to another thread. If setting it fails, the lag shows that.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil)
}
