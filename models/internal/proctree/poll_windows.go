package proctree

import (
	"errors"
	"fmt"
	"net"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Poller waits on sockets outside of the runtime's poller, which would bind them
// to this process. Its thread is blocked meanwhile.
type Poller struct {
	// woken is a datagram socket that is connected to itself, so that it hears
	// nobody else. What it has received is never read.
	woken windows.Handle
}

// NewPoller makes one. It lasts as long as its process.
func NewPoller() (*Poller, error) {
	// Not package net's: that asks for a control code that Wine 8 does not know.
	h, err := windows.WSASocket(windows.AF_INET, windows.SOCK_DGRAM, windows.IPPROTO_UDP, nil, 0, windows.WSA_FLAG_NO_HANDLE_INHERIT)
	if err != nil {
		return nil, fmt.Errorf("waker: %w", os.NewSyscallError("socket", err))
	}
	if err := connectToItself(h); err != nil {
		return nil, fmt.Errorf("waker: %w", errors.Join(err, windows.Closesocket(h)))
	}
	return &Poller{woken: h}, nil
}

func connectToItself(h windows.Handle) error {
	if err := windows.Bind(h, &windows.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return os.NewSyscallError("bind", err)
	}
	own, err := windows.Getsockname(h)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	return os.NewSyscallError("connect", windows.Connect(h, own))
}

// Wake ends the waits, and those to come.
func (p *Poller) Wake() {
	var b byte
	var n uint32
	_ = windows.WSASend(p.woken, &windows.WSABuf{Len: 1, Buf: &b}, 1, &n, 0, nil, nil) // fails only if it is full, and so woken
}

// pollFD is WSAPOLLFD.
type pollFD struct {
	socket   windows.Handle
	events   int16
	occurred int16
}

// POLLRDNORM of winsock2.h.
const pollRead = 0x100

var wsaPoll = windows.NewLazySystemDLL("ws2_32.dll").NewProc("WSAPoll")

// Readable returns when a connection waits on one of the listening sockets; the
// error is net.ErrClosed after Wake.
func (p *Poller) Readable(sockets ...windows.Handle) error {
	fds := make([]pollFD, 1, 1+len(sockets))
	fds[0] = pollFD{socket: p.woken, events: pollRead}
	for _, s := range sockets {
		fds = append(fds, pollFD{socket: s, events: pollRead})
	}
	forever := int32(-1)
	n, _, err := wsaPoll.Call(uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(forever))
	switch {
	case int32(n) < 0:
		return os.NewSyscallError("WSAPoll", err)
	case fds[0].occurred != 0:
		return net.ErrClosed
	}
	return nil
}
