//go:build clr && linux && amd64 && cgo

package clr

/*
#cgo CFLAGS: -std=gnu11 -O2 -Wall -Wextra -Wno-unused-parameter
#cgo LDFLAGS: -rdynamic -ldl -lpthread
#include "half.h"
*/
import "C"

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"ancmbench/models/httpsys"
)

// slot is Go's side of a slot in half.h.
type slot struct {
	c          *C.slot
	generation uint64
	looks      chan struct{} // something may have changed
	text       []byte        // the slot's memory for the request
	used       int
	in, out    []byte
	fields     []httpsys.Field // of the response
}

// slots are all slots.
type slots struct {
	all  [C.SLOTS]atomic.Pointer[slot]
	mu   sync.Mutex
	free []*slot
	made int

	lead chan struct{}   // held by who reads the messages to Go
	told syscall.RawConn // an eventfd that counts when the reader is to wake up
	life syscall.RawConn // one that counts changes of the app's life
}

// newSlots starts the dispatcher.
func newSlots() (*slots, error) {
	s := &slots{lead: make(chan struct{}, 1)}
	var fds [2]int
	for i, to := range []*syscall.RawConn{&s.told, &s.life} {
		n, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
		if err == nil {
			fds[i] = n
			*to, err = os.NewFile(uintptr(n), "eventfd").SyscallConn()
		}
		if err != nil {
			return nil, fmt.Errorf("eventfd: %w", err)
		}
	}
	if rc := C.clr_half_start(C.int(fds[0]), C.int(fds[1])); rc != 0 {
		return nil, fmt.Errorf("a thread: %w", unix.Errno(rc))
	}
	return s, nil
}

// take returns a free slot, nil if there is none.
func (s *slots) take() *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		n := int(C.clr_more_slots())
		if n < 0 {
			return nil
		}
		for ; s.made < n; s.made++ {
			c := C.clr_slots[s.made]
			one := &slot{c: c, looks: make(chan struct{}, 1),
				in:  unsafe.Slice((*byte)(unsafe.Pointer(c.in)), C.IN),
				out: unsafe.Slice((*byte)(unsafe.Pointer(c.out)), C.OUT)}
			one.text = unsafe.Slice((*byte)(unsafe.Pointer(c.text)), int(c.text_size))
			s.all[s.made].Store(one)
			s.free = append(s.free, one)
		}
	}
	one := s.free[len(s.free)-1] // the last used: its memory is warm
	s.free = s.free[:len(s.free)-1]
	one.begin()
	return one
}

func (s *slots) give(one *slot) {
	s.mu.Lock()
	s.free = append(s.free, one)
	s.mu.Unlock()
}

// begin makes the slot ready for a request. Nobody else uses it: calls about earlier
// ones find that their generation is over.
func (s *slot) begin() {
	c := s.c
	s.generation = uint64(c.generation)
	s.used = 0
	c.out_head, c.out_tail, c.in_head, c.in_tail = 0, 0, 0, 0
	c.head_ready, c.flushes, c.body_wanted, c.upgraded, c.room_wanted = 0, 0, 0, 0, 0
	c.ended, c.closed, c.set_close, c.completion, c.status = 0, 0, 0, 0, 0
	c.reason_length, c.head_length, c.in_end, c.gone = 0, 0, 0, 0
	c.writer, c.sent, c.lent_fd = C.WRITER_NONE, 0, -1
	c.over = C.RESPONSE_OPEN
	word := u64(&c.to_clr)
	for {
		old := atomic.LoadUint64(word)
		if atomic.CompareAndSwapUint64(word, old, s.generation<<C.MESSAGES|old&C.QUEUED) {
			return
		}
	}
}

// askRequest lets tests, which know no C, send one.
const askRequest = C.ASK_REQUEST

func u64(p *C.uint64_t) *uint64 { return (*uint64)(unsafe.Pointer(p)) }
func u32(p *C.uint32_t) *uint32 { return (*uint32)(unsafe.Pointer(p)) }

// tell sends a message to the dispatcher, as tell_clr in C does.
func (s *slot) tell(message uint64) {
	word := u64(&s.c.to_clr)
	for {
		old := atomic.LoadUint64(word)
		if old>>C.MESSAGES != s.generation {
			return
		}
		if atomic.CompareAndSwapUint64(word, old, old|message|C.QUEUED) {
			if old&C.QUEUED == 0 {
				s.queue()
			}
			return
		}
	}
}

// queue puts the slot into the dispatcher's list, and wakes it if it sleeps.
func (s *slot) queue() {
	list, sleeping := u32(&C.clr_to_clr.list), u32(&C.clr_to_clr.sleeping)
	for {
		first := atomic.LoadUint32(list)
		atomic.StoreUint32(u32(&s.c.to_clr_next), first)
		if !atomic.CompareAndSwapUint32(list, first, uint32(s.c.index)+1) {
			continue
		}
		if first == 0 && atomic.LoadUint32(sleeping) != 0 && atomic.SwapUint32(sleeping, 0) != 0 {
			futexWake(sleeping)
		}
		return
	}
}

// futexWake wakes the thread that waits at p. It does not block, so the scheduler need
// not know of it.
func futexWake(p *uint32) {
	const wakePrivate = 1 | 128
	_, _, _ = unix.RawSyscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(p)), wakePrivate, 1) // it has no error with a valid address
}
