//go:build !windows

package httpsys

import (
	"net"
	"slices"
)

// phase is what a connection does before its first exchange or after its last.
type phase byte

const (
	handshaking phase = iota // TLS is being settled
	lingering                // everything was said: see linger
)

// goOutside notes that nc is in this phase, and reports whether the front still wants
// it. comeBack ends the phase.
func (f *lean) goOutside(nc net.Conn, p phase) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken || f.closing && p == handshaking {
		return false
	}
	f.outside[nc] = p
	return true
}

func (f *lean) comeBack(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.outside, nc)
}

// leaveOutside closes the connections that are in one of these phases.
func (f *lean) leaveOutside(phases ...phase) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = f.broken || slices.Contains(phases, lingering)
	for nc, p := range f.outside {
		if slices.Contains(phases, p) {
			_ = socketOf(nc).Close()
		}
	}
}

// linger calls the function linger, which ends early if the front is broken off.
func (f *lean) linger(nc net.Conn, buf []byte) {
	if f.goOutside(nc, lingering) {
		defer f.comeBack(nc)
		linger(nc, buf)
	}
}
