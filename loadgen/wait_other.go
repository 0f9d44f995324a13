//go:build !linux

package loadgen

import "time"

// timerLate is by how much the runtime's timers may be late here.
const timerLate = 2 * time.Millisecond

// napper sleeps by the runtime's timers, and leaves their lateness to the spin.
type napper struct{}

func (*napper) begin() {}
func (*napper) end()   {}

func (*napper) sleep(d time.Duration) {
	if d > timerLate {
		time.Sleep(d - timerLate)
	}
}
