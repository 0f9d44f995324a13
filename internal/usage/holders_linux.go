package usage

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// sockets maps the inode of each socket to the processes that have it open.
type sockets map[uint64][]int

// openSockets returns the sockets that some processes have open, and those of the processes
// that we may not inspect. It leaves out processes that have ended.
func openSockets(pids []int) (held sockets, denied []int, err error) {
	held = sockets{}
	for _, pid := range pids {
		open, err := socketsOf(pid)
		switch {
		case errors.Is(err, fs.ErrPermission):
			denied = append(denied, pid)
		case errors.Is(err, ErrGone):
		case err != nil:
			return nil, nil, err
		}
		for _, inode := range open {
			if !slices.Contains(held[inode], pid) {
				held[inode] = append(held[inode], pid)
			}
		}
	}
	return held, denied, nil
}

// socketsOf returns the inodes of the sockets that a process has open, by descriptor.
func socketsOf(pid int) (map[int]uint64, error) {
	dir := "/proc/" + strconv.Itoa(pid) + "/fd"
	d, err := os.Open(dir)
	if err != nil {
		return nil, processError(pid, err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, processError(pid, err)
	}
	out := map[int]uint64{}
	for _, n := range names {
		to, err := os.Readlink(dir + "/" + n)
		if err != nil {
			continue // closed meanwhile
		}
		rest, ok := strings.CutPrefix(to, "socket:[")
		if !ok {
			continue
		}
		if inode, ok := decimal([]byte(strings.TrimSuffix(rest, "]"))); ok {
			if fd, err := strconv.Atoi(n); err == nil {
				out[fd] = inode
			}
		}
	}
	return out, nil
}

// borrow looks into a connected TCP socket of another process, through a copy of its
// descriptor that lives for the look only. It fails with EPERM if we may not, and with
// ENOTCONN or another error if it is no such socket.
func borrow(pid, fd int) (tcpSocket, error) {
	var s tcpSocket
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return s, err
	}
	defer unix.Close(process)
	ours, err := unix.PidfdGetfd(process, fd, 0)
	if err != nil {
		return s, err
	}
	defer unix.Close(ours)
	var st unix.Stat_t
	if err := unix.Fstat(ours, &st); err != nil {
		return s, err
	}
	info, err := unix.GetsockoptTCPInfo(ours, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return s, err
	}
	from, err := unix.Getsockname(ours)
	if err != nil {
		return s, err
	}
	to, err := unix.Getpeername(ours)
	if err != nil {
		return s, err
	}
	s.inode, s.sent, s.state = st.Ino, info.Data_segs_out, info.State
	s.local, s.remote = addrPort(from), addrPort(to)
	_, s.six = from.(*unix.SockaddrInet6)
	s.cookie, err = unix.GetsockoptUint64(ours, unix.SOL_SOCKET, unix.SO_COOKIE)
	return s, err
}

func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// holders returns the processes that have one of the sockets open, in order.
func (s sockets) holders(inodes []uint64) []int {
	var out []int
	for _, inode := range inodes {
		out = append(out, s[inode]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// withMasters returns the parents that we may not inspect and that have the same name as
// their children with the socket: a master that runs as root, with workers that do not.
func withMasters(holders, denied []int, f family, name func(int) string) []int {
	var out []int
	for _, pid := range holders {
		master := f[pid]
		if slices.Contains(denied, master) && !slices.Contains(holders, master) && !slices.Contains(out, master) && name(master) == name(pid) {
			out = append(out, master)
		}
	}
	return out
}
