//go:build !linux

package loadgen

import "time"

// timerLate is how late the runtime's timers may be here.
const timerLate = 2 * time.Millisecond

// nap sleeps with the runtime's timers. If a spin follows, it sleeps less by timerLate,
// and the spin takes the rest.
func nap(d time.Duration, spin bool) {
	if !spin {
		time.Sleep(d)
	} else if d > timerLate {
		time.Sleep(d - timerLate)
	}
}
