package usage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// diag asks the kernel for the sockets of one network namespace (sock_diag(7)). It is not
// safe for concurrent use.
type diag struct {
	space netspace
	fd    int
	buf   []byte
}

// tcpSocket is one TCP socket of a namespace.
type tcpSocket struct {
	cookie        uint64 // never given to a second socket
	inode         uint64 // 0 for a socket that belongs to no process any more
	local, remote netip.AddrPort
	state         uint8
	six           bool // a socket of IPv6, whatever its addresses are
	// sent is the number of segments with data that were sent; 0 if it was not asked
	// for.
	sent uint32
}

// unixSocket is one Unix socket of a namespace.
type unixSocket struct {
	inode, peer uint64 // peer is 0 if it is not connected
	kind, state uint8
	// name is the path that it is bound to, with a leading zero byte if it is abstract;
	// file and device identify the file of that path.
	name         string
	file, device uint32
}

const (
	stateListen   = 10 // TCP_LISTEN; Unix sockets have the same number
	stateTimeWait = 6
	stateClose    = 7

	tcpRequestSize  = 56 // struct inet_diag_req_v2
	tcpMessageSize  = 72 // struct inet_diag_msg
	tcpInfoAttr     = 2  // INET_DIAG_INFO
	unixRequestSize = 24 // struct unix_diag_req
	unixMessageSize = 16 // struct unix_diag_msg
	unixNameAttr    = 0  // UNIX_DIAG_NAME, and the bit that asks for it
	unixFileAttr    = 1  // UNIX_DIAG_VFS
	unixPeerAttr    = 2  // UNIX_DIAG_PEER
)

// openDiag opens a netlink socket in a namespace. It fails with errors.ErrUnsupported if
// the kernel has none, and with an error that says so if we may not enter the namespace.
func openDiag(space netspace) (*diag, error) {
	d := &diag{space: space, buf: make([]byte, 64<<10)}
	err := space.inside(func() (err error) {
		d.fd, err = unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
		return err
	})
	if errors.Is(err, unix.EPROTONOSUPPORT) {
		return nil, unsupported("this kernel does not list sockets (sock_diag)")
	}
	if err != nil {
		return nil, fmt.Errorf("list of sockets: %w", err)
	}
	return d, nil
}

func (d *diag) close() { _ = unix.Close(d.fd) }

// tcp returns the TCP sockets in the given states, a mask of bits, IPv4 and IPv6.
func (d *diag) tcp(states uint32) ([]tcpSocket, error) {
	var out []tcpSocket
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		req := make([]byte, tcpRequestSize)
		req[0], req[1], req[2] = family, unix.IPPROTO_TCP, 1<<(tcpInfoAttr-1)
		binary.NativeEndian.PutUint32(req[4:], states)
		err := d.dump(req, func(body []byte) error {
			s, err := parseTCPSocket(body)
			if err == nil {
				out = append(out, s)
			}
			return err
		})
		if errors.Is(err, unix.ENOENT) && family == unix.AF_INET6 {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, fmt.Errorf("list of TCP sockets: %w", err)
		}
	}
	return out, nil
}

// refresh returns a socket as it is now. ok is false if it is gone.
func (d *diag) refresh(s tcpSocket) (now tcpSocket, ok bool) {
	req := make([]byte, tcpRequestSize)
	req[0], req[1], req[2] = unix.AF_INET, unix.IPPROTO_TCP, 1<<(tcpInfoAttr-1)
	binary.NativeEndian.PutUint32(req[4:], ^uint32(0))
	binary.BigEndian.PutUint16(req[8:], s.local.Port())
	binary.BigEndian.PutUint16(req[10:], s.remote.Port())
	local, remote := s.local.Addr(), s.remote.Addr()
	if s.six {
		req[0] = unix.AF_INET6
		from, to := local.As16(), remote.As16()
		copy(req[12:], from[:])
		copy(req[28:], to[:])
	} else {
		from, to := local.As4(), remote.As4()
		copy(req[12:], from[:])
		copy(req[28:], to[:])
	}
	binary.NativeEndian.PutUint32(req[48:], uint32(s.cookie))
	binary.NativeEndian.PutUint32(req[52:], uint32(s.cookie>>32))
	err := d.ask(req, unix.NLM_F_REQUEST, func(body []byte) (err error) {
		now, err = parseTCPSocket(body)
		ok = err == nil
		return err
	})
	return now, ok && err == nil
}

// listening returns the listening TCP sockets of the namespace.
func (d *diag) listening() ([]socket, error) {
	all, err := d.tcp(1 << stateListen)
	var out []socket
	for _, s := range all {
		local := s.local
		if s.six && local.Addr().Is4() && local.Addr().IsUnspecified() {
			local = netip.AddrPortFrom(netip.IPv6Unspecified(), local.Port()) // ::ffff:0.0.0.0
		}
		out = append(out, socket{local: local, id: s.inode})
	}
	return out, err
}

// parseTCPSocket reads a struct inet_diag_msg and its attributes.
func parseTCPSocket(b []byte) (tcpSocket, error) {
	var s tcpSocket
	if len(b) < tcpMessageSize {
		return s, errors.New("a message is too short")
	}
	family := b[0]
	s.state, s.six = b[1], family == unix.AF_INET6
	addr := func(at int) netip.Addr {
		if family == unix.AF_INET {
			return netip.AddrFrom4([4]byte(b[at : at+4]))
		}
		return netip.AddrFrom16([16]byte(b[at : at+16])).Unmap()
	}
	s.local = netip.AddrPortFrom(addr(8), binary.BigEndian.Uint16(b[4:]))
	s.remote = netip.AddrPortFrom(addr(24), binary.BigEndian.Uint16(b[6:]))
	s.cookie = uint64(binary.NativeEndian.Uint32(b[44:])) | uint64(binary.NativeEndian.Uint32(b[48:]))<<32
	s.inode = uint64(binary.NativeEndian.Uint32(b[68:]))
	const at = int(unsafe.Offsetof(unix.TCPInfo{}.Data_segs_out))
	return s, attributes(b[tcpMessageSize:], func(kind uint16, v []byte) {
		if kind == tcpInfoAttr && len(v) >= at+4 {
			s.sent = binary.NativeEndian.Uint32(v[at:])
		}
	})
}

// unix returns all Unix sockets of the namespace.
func (d *diag) unix() ([]unixSocket, error) {
	req := make([]byte, unixRequestSize)
	req[0] = unix.AF_UNIX
	binary.NativeEndian.PutUint32(req[4:], ^uint32(0))
	binary.NativeEndian.PutUint32(req[12:], 1<<unixNameAttr|1<<unixFileAttr|1<<unixPeerAttr)
	var out []unixSocket
	err := d.dump(req, func(body []byte) error {
		s, err := parseUnixSocket(body)
		if err == nil {
			out = append(out, s)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list of Unix sockets: %w", err)
	}
	return out, nil
}

// parseUnixSocket reads a struct unix_diag_msg and its attributes.
func parseUnixSocket(b []byte) (unixSocket, error) {
	var s unixSocket
	if len(b) < unixMessageSize {
		return s, errors.New("a message is too short")
	}
	s.kind, s.state = b[1], b[2]
	s.inode = uint64(binary.NativeEndian.Uint32(b[4:]))
	return s, attributes(b[unixMessageSize:], func(kind uint16, v []byte) {
		switch {
		case kind == unixNameAttr:
			s.name = string(v)
		case kind == unixFileAttr && len(v) >= 8:
			s.file, s.device = binary.NativeEndian.Uint32(v), binary.NativeEndian.Uint32(v[4:])
		case kind == unixPeerAttr && len(v) >= 4:
			s.peer = uint64(binary.NativeEndian.Uint32(v))
		}
	})
}

// dump asks for all sockets and calls yield with each message of the answer.
func (d *diag) dump(request []byte, yield func([]byte) error) error {
	return d.ask(request, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, yield)
}

// ask sends a request and calls yield with each message of the answer: one, unless the flags
// ask for a dump.
func (d *diag) ask(request []byte, flags uint16, yield func([]byte) error) error {
	msg := make([]byte, unix.SizeofNlMsghdr+len(request))
	binary.NativeEndian.PutUint32(msg, uint32(len(msg)))
	binary.NativeEndian.PutUint16(msg[4:], unix.SOCK_DIAG_BY_FAMILY)
	binary.NativeEndian.PutUint16(msg[6:], flags)
	copy(msg[unix.SizeofNlMsghdr:], request)
	if err := unix.Sendto(d.fd, msg, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return os.NewSyscallError("sendto", err)
	}
	for {
		n, _, err := unix.Recvfrom(d.fd, d.buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return os.NewSyscallError("recvfrom", err)
		}
		done, err := messages(d.buf[:n], yield)
		if done || err != nil || flags&unix.NLM_F_DUMP == 0 {
			return err
		}
	}
}

// messages calls yield with the body of each netlink message in b. done reports whether
// the last one ends the answer.
func messages(b []byte, yield func([]byte) error) (done bool, err error) {
	for len(b) > 0 {
		if len(b) < unix.SizeofNlMsghdr {
			return true, errors.New("a message is too short")
		}
		size, kind := int(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint16(b[4:])
		if size < unix.SizeofNlMsghdr || size > len(b) {
			return true, errors.New("a message has a wrong length")
		}
		body := b[unix.SizeofNlMsghdr:size]
		switch kind {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			if len(body) < 4 {
				return true, errors.New("an error is too short")
			}
			return true, unix.Errno(-int32(binary.NativeEndian.Uint32(body)))
		}
		if err := yield(body); err != nil {
			return true, err
		}
		b = b[min(len(b), (size+unix.NLMSG_ALIGNTO-1)&^(unix.NLMSG_ALIGNTO-1)):]
	}
	return false, nil
}

// attributes calls yield with each netlink attribute in b.
func attributes(b []byte, yield func(kind uint16, value []byte)) error {
	const header, align = 4, 4
	for len(b) > 0 {
		if len(b) < header {
			return errors.New("an attribute is too short")
		}
		size, kind := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if size < header || size > len(b) {
			return errors.New("an attribute has a wrong length")
		}
		yield(kind, b[header:size])
		b = b[min(len(b), (size+align-1)&^(align-1)):]
	}
	return nil
}
