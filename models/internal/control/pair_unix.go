//go:build unix

package control

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// Pair returns a connected pair: one end for this process, and one for a child to
// inherit, which must be closed here once the child runs. It fails if the system gives
// no socket.
func Pair() (mine net.Conn, theirs *os.File, err error) {
	// The lock keeps another goroutine from forking between the call and the flag,
	// which would leak an end and hide the end of file.
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("control channel: %w", err)
	}
	theirs = os.NewFile(uintptr(fds[1]), "control (child's end)")
	mine, err = inherited(fds[0])
	if err != nil {
		return nil, nil, fmt.Errorf("control channel: %w", errorsJoinClose(err, theirs))
	}
	return mine, theirs, nil
}

// Inherited returns the end that this process has inherited as descriptor fd.
func Inherited(fd int) (net.Conn, error) {
	syscall.CloseOnExec(fd)
	c, err := inherited(fd)
	if err != nil {
		return nil, fmt.Errorf("control channel: descriptor %d: %w", fd, err)
	}
	return c, nil
}

func inherited(fd int) (net.Conn, error) {
	f := os.NewFile(uintptr(fd), "control")
	if f == nil {
		return nil, syscall.EBADF
	}
	defer f.Close() // FileConn works on a copy
	return net.FileConn(f)
}

func errorsJoinClose(err error, f *os.File) error {
	if cerr := f.Close(); cerr != nil {
		return fmt.Errorf("%w (and %w)", err, cerr)
	}
	return err
}
