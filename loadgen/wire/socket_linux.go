package wire

import (
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// receive reads from a socket. Like transmit it calls the kernel without the runtime's
// bookkeeping, because the sockets never block. The two use recvfrom and sendto, which
// skip the file layer of read and write, and cause no SIGPIPE.
func receive(fd int32, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0, 0, 0)
	return int(n), errno
}

func transmit(fd int32, b []byte) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// address is where a target listens.
type address struct {
	family   int
	to       unix.Sockaddr
	spread   bool // 127.0.0.0/8: connections may come from many addresses
	loopback bool // TCP within this machine
}

// resolve returns the socket address for a numeric address.
func resolve(network, addr string) (address, error) {
	if network == "unix" {
		return address{family: unix.AF_UNIX, to: &unix.SockaddrUnix{Name: addr}}, nil
	}
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return address{}, fmt.Errorf("wire engine: %w", err)
	}
	if ip := tcp.IP.To4(); ip != nil || len(tcp.IP) == 0 {
		to := &unix.SockaddrInet4{Port: tcp.Port, Addr: [4]byte{127, 0, 0, 1}}
		if ip != nil && !ip.IsUnspecified() {
			copy(to.Addr[:], ip)
		}
		local := to.Addr[0] == 127
		return address{family: unix.AF_INET, to: to, spread: local, loopback: local}, nil
	}
	to := &unix.SockaddrInet6{Port: tcp.Port}
	copy(to.Addr[:], tcp.IP)
	if tcp.Zone != "" {
		link, err := net.InterfaceByName(tcp.Zone)
		if err != nil {
			return address{}, fmt.Errorf("wire engine: %s: %w", addr, err)
		}
		to.ZoneId = uint32(link.Index)
	}
	return address{family: unix.AF_INET6, to: to, loopback: tcp.IP.IsLoopback()}, nil
}

// perSource is how many connections use one source address: far fewer than the 28,232
// ports that Linux has for one by default.
const perSource = 10_000

// connect opens connection number n without waiting for it. errno is 0 or EINPROGRESS if
// connecting has begun.
func (a *address) connect(n int) (fd int, errno error) {
	fd, err := unix.Socket(a.family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if a.loopback {
		// Loopback loses nothing, so the simplest congestion control is enough. Others
		// take processor time for every segment, and some delay segments (BBR).
		_ = unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno")
	}
	if a.family != unix.AF_UNIX {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	if source := n / perSource; a.spread && source > 0 {
		// The port is chosen at connect, when the whole four-tuple is known.
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
		from := &unix.SockaddrInet4{Addr: [4]byte{127, 0, byte(source >> 8), byte(source&0xff) + 1}}
		if err := unix.Bind(fd, from); err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	if err := unix.Connect(fd, a.to); err != nil && err != unix.EINPROGRESS {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
