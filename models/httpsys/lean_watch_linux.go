package httpsys

import "golang.org/x/sys/unix"

// goneEvents tell that the other side has ended its sending, whatever it has
// sent before.
const goneEvents = unix.POLLRDHUP

func hasGone(_ int, _ int16) bool { return true }
