package loadgen

import (
	"time"

	"golang.org/x/sys/unix"
)

// napper sleeps in the kernel with a timer slack of 1 ns; the default is 50 us.
type napper struct{ slack int }

func (n *napper) begin() {
	if s, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err == nil {
		n.slack = s
	}
	// Where it is not allowed, the wait ends later, and the lag shows it.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

func (n *napper) end() {
	if n.slack > 0 {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(n.slack), 0, 0, 0)
	}
}

// sleep may end early, by a signal of the runtime's.
func (n *napper) sleep(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &ts, nil)
}
