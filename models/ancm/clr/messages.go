//go:build clr && linux && amd64 && cgo

package clr

/*
#include "half.h"
*/
import "C"

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The messages to Go are read by the exchanges themselves: one that waits leads, and reads for
// all (leader and followers, as in Schmidt and others, Pattern-Oriented Software Architecture,
// volume 2). With one request in flight its own goroutine is woken by the app's thread, and none
// has to wake another, for which the scheduler would wake a second thread.

// wait returns once something may have changed for the slot.
func (s *slots) wait(one *slot) {
	select {
	case <-one.looks:
		return
	default:
	}
	select {
	case <-one.looks:
	case s.lead <- struct{}{}:
		s.readFor(one)
		<-s.lead // the next one leads
	}
}

// readFor passes messages on until one was for the slot.
func (s *slots) readFor(one *slot) {
	list, sleeping := u32(&C.clr_to_go.list), u32(&C.clr_to_go.sleeping)
	for {
		at := atomic.SwapUint32(list, 0)
		if at == 0 {
			atomic.StoreUint32(sleeping, 1)
			if atomic.LoadUint32(list) == 0 {
				_ = s.told.Read(drain) // its end is that of the process
			}
			atomic.StoreUint32(sleeping, 0)
			continue
		}
		for at != 0 {
			c, index := C.clr_slots[at-1], at-1
			at = atomic.LoadUint32(u32(&c.to_go_next)) // afterwards it may be in the list again
			atomic.StoreUint32(u32(&c.to_go), 0)
			select {
			case s.all[index].Load().looks <- struct{}{}:
			default: // it has not looked since the last time
			}
		}
		select {
		case <-one.looks:
			return
		default:
		}
	}
}

// drain takes what an eventfd counts, and reports whether it counted anything. It does not
// block, so the scheduler need not know of it: at low rates that would wake the runtime's
// monitor thread for each message.
func drain(fd uintptr) bool {
	var count uint64
	for {
		_, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&count)), unsafe.Sizeof(count))
		if errno != unix.EINTR {
			return errno != unix.EAGAIN
		}
	}
}
