//go:build !linux && !windows

package httpsys

import "golang.org/x/sys/unix"

// goneEvents are bytes or an end; which of them it was is for hasGone to find
// out. A client that goes after sending bytes ahead is not noticed here.
const goneEvents = unix.POLLIN

func hasGone(fd int, events int16) bool {
	if events&(unix.POLLHUP|unix.POLLERR) != 0 {
		return true
	}
	var b [1]byte
	n, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	return err == nil && n == 0
}
