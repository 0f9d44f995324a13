//go:build !linux

package loadgen

import "time"

// timerLate is by how much the runtime's timers may be late here.
const timerLate = 2 * time.Millisecond

// nap sleeps by the runtime's timers. If a spin follows, their lateness is left
// to it, and the rest of the nap with it.
func nap(d time.Duration, spin bool) {
	if !spin {
		time.Sleep(d)
	} else if d > timerLate {
		time.Sleep(d - timerLate)
	}
}
