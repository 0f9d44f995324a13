package app

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// burn uses d of this thread's CPU time: what another process takes from the
// core in between does not count.
func burn(d time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start, ok := threadTime()
	if !ok {
		burnClock(d)
		return
	}
	for x := uint32(seed); x != 0; x = spin(x) {
		now, ok := threadTime()
		if !ok || now-start >= d {
			return
		}
	}
}

// threadTime returns the CPU that this thread has used. The call is raw: it never blocks,
// and one that tells Go's scheduler wakes its monitor thread on a process that was
// idle, which cost 50 us of CPU a request, more than all else that such a request costs.
func threadTime() (time.Duration, bool) {
	var ts unix.Timespec
	_, _, errno := unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_THREAD_CPUTIME_ID, uintptr(unsafe.Pointer(&ts)), 0)
	return time.Duration(ts.Nano()), errno == 0
}
