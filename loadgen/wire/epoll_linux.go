package wire

import (
	"errors"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// interest is the set of events of every connection. A connection is registered once,
// edge-triggered, so that no further system call is needed.
const interest = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET

// poller is one epoll instance and the eventfd by which others wake its thread.
type poller struct {
	fd, wakeFD int
	events     []unix.EpollEvent
	ts         unix.Timespec
	coarse     bool // no epoll_pwait2 (before Linux 5.11)
}

// wakeSlot marks the events of the eventfd.
const wakeSlot = -1

func newPoller() (p *poller, err error) {
	p = &poller{fd: -1, wakeFD: -1, events: make([]unix.EpollEvent, 256)}
	if p.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if p.wakeFD, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, errors.Join(err, p.close())
	}
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: wakeSlot}
	if err = unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, p.wakeFD, &ev); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// add registers a connection; slot and gen come back with its events. The
// kernel forgets it when its descriptor is closed.
func (p *poller) add(fd, slot, gen int32) error {
	ev := unix.EpollEvent{Events: interest, Fd: slot, Pad: gen}
	return unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, int(fd), &ev)
}

// wake ends the wait of the thread that polls p. Its edge is never reset: each
// write is an edge of its own.
func (p *poller) wake() {
	var one [8]byte
	one[0] = 1
	// It fails only when 2^64 wakes are pending.
	_, _ = unix.Write(p.wakeFD, one[:])
}

// poll looks for events without waiting.
func (p *poller) poll() int {
	p.ts = unix.Timespec{}
	if p.coarse {
		n, _, _ := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), 0, 0, 0)
		return max(0, int(n))
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), uintptr(unsafe.Pointer(&p.ts)), 0, 0)
	return p.got(n, errno)
}

// block waits for events at most d. It uses a blocking system call, so that the runtime's
// scheduler knows that the thread waits.
func (p *poller) block(d time.Duration) int {
	if p.coarse {
		// Rounded down, so that it does not sleep past a due time; the rest is spun.
		ms := min(d/time.Millisecond, 1<<30)
		n, _, _ := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), uintptr(ms), 0, 0)
		return max(0, int(n))
	}
	p.ts = unix.NsecToTimespec(int64(max(d, 0)))
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(len(p.events)), uintptr(unsafe.Pointer(&p.ts)), 0, 0)
	return p.got(n, errno)
}

// got returns the number of events; an interrupted wait has none.
func (p *poller) got(n uintptr, errno unix.Errno) int {
	if errno == unix.ENOSYS {
		p.coarse = true
	}
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (p *poller) close() error {
	var errs []error
	for _, fd := range []int{p.fd, p.wakeFD} {
		if fd >= 0 {
			errs = append(errs, unix.Close(fd))
		}
	}
	return errors.Join(errs...)
}
