package models

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// turnAway lets no further connection come to a socket that listens, and keeps
// those that wait on it: closing it would reset them. Packets of new ones are
// dropped by a filter (socket(7), SO_ATTACH_FILTER), so that a client tries again,
// and is refused once the socket is closed.
func turnAway(l net.Listener) {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return
	}
	none := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: 0}}
	_ = rc.Control(func(fd uintptr) { // without it a few connections may be reset
		_ = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &none[0]})
	})
}

// waiting reports whether a connection waits on a socket that listens.
func waiting(l net.Listener) (waits bool) {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return false
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	_ = rc.Control(func(fd uintptr) { // fails on a closed socket, on which nobody waits
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		waits = err == nil && n > 0
	})
	return waits
}
