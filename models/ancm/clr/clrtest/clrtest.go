//go:build clr && linux && amd64 && cgo

package clrtest

/*
#cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra -Wno-unused-parameter
#cgo LDFLAGS: -ldl -lpthread
#include "managed.h"
*/
import "C"

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// Threads is the number of threads that answer requests: one per request that waits.
const Threads = 256

// Start lets the managed half register with the native half, as a server that starts.
func Start() error {
	if rc := C.managed_start(Threads); rc != 0 {
		return fmt.Errorf("the managed half does not start: step %d", int(rc))
	}
	return nil
}

// Stop stops the server, as the app's end does.
func Stop() { C.managed_stop() }

// Second registers another server while the first runs, and returns what that says: 0
// would be good.
func Second() int { return int(C.managed_second()) }

// Immediate lets all requests be answered inside their callback, with 13 bytes.
func Immediate(on bool) {
	n := C.int(0)
	if on {
		n = 1
	}
	C.managed_immediate(n)
}

// Masks returns the last thread that called the managed half for the first time, 0 if there is
// none, and the blocked signals (signal n is bit n-1) of a thread that was started in that call.
func Masks() (caller int, started uint64) {
	caller = int(atomic.LoadInt32((*int32)(unsafe.Pointer(&C.masks.caller))))
	return caller, uint64(C.masks.started)
}

// Counts are how much happened, and what went wrong.
type Counts struct {
	Requests, Disconnects, Waits, Readers, Writers int64
	// StaleCallbacks to NotPossible are faults.
	StaleCallbacks, Twice, LateFaults, NotPossible int64
	Drained                                        int64
}

// Faults returns the sum of what must not happen.
func (c Counts) Faults() int64 { return c.StaleCallbacks + c.Twice + c.LateFaults + c.NotPossible }

// Count returns the counts as they are now.
func Count() Counts {
	c := &C.counts
	load := func(p *C.int64_t) int64 { return atomic.LoadInt64((*int64)(unsafe.Pointer(p))) }
	return Counts{load(&c.requests), load(&c.disconnects), load(&c.waits), load(&c.readers), load(&c.writers),
		load(&c.stale_callbacks), load(&c.twice), load(&c.late_faults), load(&c.refused), load(&c.drained)}
}
