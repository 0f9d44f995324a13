//go:build unix && !linux

package rawio

import "golang.org/x/sys/unix"

// quiet reports whether nothing has happened on the socket that a reader would
// notice: no byte, no end, no error.
func quiet(fd uintptr) bool {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds[:], 0)
		if err != unix.EINTR {
			return err == nil && n == 0
		}
	}
}
