package models

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"ancmbench/models/internal/proctree"
)

// A socket on which one worker after the other accepts cannot be package net's:
// that binds it to the completion port of the first process that uses it, for
// good. So it is a bare handle, watched with WSAPoll, and only the connections
// that come of it, each in one process, are bound to a port.

// openSocket opens a socket of the site that a child can inherit.
func openSocket(address string) (*proctree.Gift, string, error) {
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, "", err
	}
	family, name := int32(windows.AF_INET6), windows.Sockaddr(&windows.SockaddrInet6{Port: at.Port})
	if v4 := at.IP.To4(); v4 != nil {
		family, name = windows.AF_INET, &windows.SockaddrInet4{Port: at.Port, Addr: [4]byte(v4)}
	} else if at.IP != nil {
		name = &windows.SockaddrInet6{Port: at.Port, Addr: [16]byte(at.IP)}
	}
	h, err := windows.WSASocket(family, windows.SOCK_STREAM, windows.IPPROTO_TCP, nil, 0,
		windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		return nil, "", os.NewSyscallError("socket", err)
	}
	s := &proctree.Gift{Handle: h, Socket: true}
	got, err := listenOn(h, family, name)
	if err != nil {
		return nil, "", errors.Join(err, s.Close())
	}
	return s, got.String(), nil
}

func listenOn(h windows.Handle, family int32, name windows.Sockaddr) (net.Addr, error) {
	const exclusive = ^4 // SO_EXCLUSIVEADDRUSE, ^SO_REUSEADDR of winsock2.h
	if err := windows.SetsockoptInt(h, windows.SOL_SOCKET, exclusive, 1); err != nil {
		return nil, os.NewSyscallError("setsockopt", err)
	}
	if family == windows.AF_INET6 { // all of both kinds, as package net has it
		if err := windows.SetsockoptInt(h, windows.IPPROTO_IPV6, windows.IPV6_V6ONLY, 0); err != nil {
			return nil, os.NewSyscallError("setsockopt", err)
		}
	}
	if err := windows.Bind(h, name); err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	if err := windows.Listen(h, windows.SOMAXCONN); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	got, err := windows.Getsockname(h)
	if err != nil {
		return nil, os.NewSyscallError("getsockname", err)
	}
	return tcpAddr(got), nil
}

func tcpAddr(a windows.Sockaddr) net.Addr {
	switch a := a.(type) {
	case *windows.SockaddrInet4:
		return &net.TCPAddr{IP: net.IP(a.Addr[:]), Port: a.Port}
	case *windows.SockaddrInet6:
		return &net.TCPAddr{IP: net.IP(a.Addr[:]), Port: a.Port}
	}
	return &net.TCPAddr{}
}

// inheritedSocket returns a socket of the site. The children of this process get it
// when they are given it, not by inheritance.
func inheritedSocket(gift int) (*proctree.Gift, error) {
	n, err := proctree.Given(gift)
	if err != nil {
		return nil, err
	}
	h := windows.Handle(n)
	defer func() { _ = windows.CloseHandle(h) }() // inherited, and nobody else's
	// Winsock knows the sockets that it gave this process itself: Wine's WSAPoll
	// takes no other.
	var info windows.WSAProtocolInfo
	if err := windows.WSADuplicateSocket(h, windows.GetCurrentProcessId(), &info); err != nil {
		return nil, fmt.Errorf("the site's socket: %w", os.NewSyscallError("WSADuplicateSocket", err))
	}
	const fromProtocolInfo = -1 // FROM_PROTOCOL_INFO of winsock2.h
	own, err := windows.WSASocket(fromProtocolInfo, fromProtocolInfo, fromProtocolInfo, &info, 0,
		windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		return nil, fmt.Errorf("the site's socket: %w", os.NewSyscallError("WSASocket", err))
	}
	return &proctree.Gift{Handle: own, Socket: true}, nil
}

// sharedListener accepts on a socket that other processes hold too.
type sharedListener struct {
	socket *proctree.Gift
	poller *proctree.Poller
	addr   net.Addr
	accept sync.Mutex // one Accept at a time; Close waits for it
	closed bool
}

func newSharedListener(s *proctree.Gift) (*sharedListener, error) {
	fault := func(call string, err error) error {
		return errors.Join(fmt.Errorf("the site's socket: %w", os.NewSyscallError(call, err)), s.Close())
	}
	name, err := windows.Getsockname(s.Handle)
	if err != nil {
		return nil, fault("getsockname", err)
	}
	// accept must not block: another worker may have taken the connection.
	const fionbio = 0x8004667e // winsock2.h
	on := uint32(1)
	var n uint32
	if err := windows.WSAIoctl(s.Handle, fionbio, (*byte)(unsafe.Pointer(&on)), 4, nil, 0, &n, nil, 0); err != nil {
		return nil, fault("ioctlsocket", err)
	}
	p, err := proctree.NewPoller()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &sharedListener{socket: s, poller: p, addr: tcpAddr(name)}, nil
}

// Addr returns where it listens.
func (l *sharedListener) Addr() net.Addr { return l.addr }

// Accept waits for a connection; the error is net.ErrClosed after Close.
func (l *sharedListener) Accept() (net.Conn, error) {
	l.accept.Lock()
	defer l.accept.Unlock()
	for {
		if l.closed {
			return nil, net.ErrClosed
		}
		if err := l.poller.Readable(l.socket.Handle); err != nil {
			return nil, err
		}
		r, _, err := acceptProc.Call(uintptr(l.socket.Handle), 0, 0)
		if windows.Handle(r) != windows.InvalidHandle {
			return newSocketConn(windows.Handle(r))
		}
		// The caller may have gone, or gone to another worker.
		if err != windows.WSAEWOULDBLOCK && err != windows.WSAECONNRESET {
			return nil, os.NewSyscallError("accept", err)
		}
	}
}

var acceptProc = windows.NewLazySystemDLL("ws2_32.dll").NewProc("accept")

// Close ends an Accept that waits, and closes this process's handle.
func (l *sharedListener) Close() error {
	l.poller.Wake()
	l.accept.Lock()
	defer l.accept.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	l.closed = true
	return l.socket.Close()
}

// socketConn is an accepted connection. Reading, writing and deadlines are those
// of an os.File on a second handle: package net has no door for a bare socket
// that works on systems without FileReplaceCompletionInformation (before Windows
// 8.1, and Wine 8).
type socketConn struct {
	*os.File
	socket        windows.Handle
	local, remote net.Addr
	once          sync.Once
	closed        error
}

func newSocketConn(h windows.Handle) (net.Conn, error) {
	c := &socketConn{socket: h}
	if err := c.open(); err != nil {
		return nil, errors.Join(err, windows.Closesocket(h))
	}
	return c, nil
}

func (c *socketConn) open() error {
	// As package net sets it.
	if err := windows.SetsockoptInt(c.socket, windows.IPPROTO_TCP, windows.TCP_NODELAY, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	local, err := windows.Getsockname(c.socket)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	remote, err := windows.Getpeername(c.socket)
	if err != nil {
		return os.NewSyscallError("getpeername", err)
	}
	c.local, c.remote = tcpAddr(local), tcpAddr(remote)
	var h windows.Handle
	self := windows.CurrentProcess()
	if err := windows.DuplicateHandle(self, c.socket, self, &h, 0, false, windows.DUPLICATE_SAME_ACCESS); err != nil {
		return os.NewSyscallError("DuplicateHandle", err)
	}
	c.File = os.NewFile(uintptr(h), "connection")
	if err := c.SetDeadline(time.Time{}); err != nil {
		return errors.Join(err, c.File.Close())
	}
	return nil
}

// LocalAddr returns this end's.
func (c *socketConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the other end's.
func (c *socketConn) RemoteAddr() net.Addr { return c.remote }

// CloseWrite says that no more is sent.
func (c *socketConn) CloseWrite() error {
	return os.NewSyscallError("shutdown", windows.Shutdown(c.socket, syscall.SHUT_WR))
}

// Close ends what waits on it, and closes it.
func (c *socketConn) Close() error {
	c.once.Do(func() {
		c.closed = errors.Join(c.File.Close(), windows.Closesocket(c.socket))
	})
	return c.closed
}
