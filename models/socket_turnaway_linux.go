package models

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// turnAway lets no further connection come to a socket that listens, and keeps
// those that wait on it: closing it would reset them. The first packet of a new one
// is dropped by a filter (socket(7), SO_ATTACH_FILTER), so that a client tries again,
// and is refused once the socket is closed. Later packets pass: a handshake that has
// begun is finished.
func turnAway(l net.Listener) {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return
	}
	const flags, syn, ack = 13, 0x02, 0x10 // of the TCP header (RFC 9293, 3.1), where a filter begins
	noSYN := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: flags},
		{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: syn | ack},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: syn, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0xffff},
	}
	_ = rc.Control(func(fd uintptr) { // without it a few connections may be reset
		_ = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(noSYN)), Filter: &noSYN[0]})
	})
}

// waiting reports whether a connection waits on a socket that listens.
func waiting(l net.Listener) bool {
	sc, ok := l.(syscall.Conn)
	return ok && readable(sc)
}

// readable reports whether a socket has something to read, or to accept.
func readable(sc syscall.Conn) (is bool) {
	rc, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	_ = rc.Control(func(fd uintptr) { // fails on a closed socket, which has nothing
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		is = err == nil && n > 0
	})
	return is
}
