//go:build !windows

package httpsys

import (
	"context"
	"net"
	"slices"
	"time"
)

// phase is what a connection does before its first exchange or after its last.
type phase byte

const (
	handshaking phase = iota // TLS is being settled
	lingering                // everything was said: see linger
)

// greetTime bounds how long a Shutdown waits for TLS handshakes that have begun, and for the
// first request behind them: the client sends it, and could not know that nobody reads it.
const greetTime = 2 * time.Second

// goOutside notes that nc is in this phase, and reports whether the front still wants
// it. comeBack ends the phase.
func (f *lean) goOutside(nc net.Conn, p phase) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken || f.sealed && p == handshaking {
		return false
	}
	f.outside[nc] = p
	return true
}

func (f *lean) comeBack(nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.outside, nc)
	f.tellGreeted()
}

// begun notes that a late connection has its first exchange.
func (f *lean) begun(c *leanConn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inTime(c)
}

func (f *lean) tellGreeted() {
	if f.greeted != nil && !f.greeting() {
		close(f.greeted)
		f.greeted = nil
	}
}

// greeting reports whether a TLS handshake, or the wait for the first request behind it, is
// in progress.
func (f *lean) greeting() bool {
	if f.late > 0 {
		return true
	}
	for _, p := range f.outside {
		if p == handshaking {
			return true
		}
	}
	return false
}

// untilGreeted returns when no connection is left whose client waits for its first answer,
// or after greetTime.
func (f *lean) untilGreeted(ctx context.Context) {
	f.mu.Lock()
	if !f.greeting() {
		f.mu.Unlock()
		return
	}
	if f.greeted == nil {
		f.greeted = make(chan struct{})
	}
	greeted := f.greeted
	f.mu.Unlock()
	late := time.NewTimer(greetTime)
	defer late.Stop()
	select {
	case <-greeted:
	case <-late.C:
	case <-ctx.Done():
	}
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
