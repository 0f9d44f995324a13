package usage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
		inodes, err := socketsOf(pid)
		switch {
		case errors.Is(err, fs.ErrPermission):
			denied = append(denied, pid)
		case errors.Is(err, ErrGone):
		case err != nil:
			return nil, nil, err
		}
		for _, inode := range inodes {
			if !slices.Contains(held[inode], pid) {
				held[inode] = append(held[inode], pid)
			}
		}
	}
	return held, denied, nil
}

// socketsOf returns the inodes of the sockets that a process has open.
func socketsOf(pid int) ([]uint64, error) {
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
	var out []uint64
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
			out = append(out, inode)
		}
	}
	return out, nil
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

// processName returns a process's own name; empty if it has ended.
func processName(pid int) string {
	s, err := readStat(pid)
	if err != nil {
		return ""
	}
	return s.name
}

// namesOf returns a process's own name, cut at 15 bytes, and the base name of its program,
// which is empty if we may not see it. Both are empty if it has ended.
func namesOf(pid int) (own, program string) {
	own = processName(pid)
	if own == "" {
		return "", ""
	}
	exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		return own, ""
	}
	return own, filepath.Base(strings.TrimSuffix(exe, " (deleted)"))
}

// sameName reports whether a process's name is the wanted one. The system may have cut it.
func sameName(name, want string) bool {
	const most = 15
	return name != "" && (name == want || len(name) == most && len(want) > most && want[:most] == name)
}

// programID identifies the file of a process's program by its device and inode; empty if we
// may not see it.
func programID(pid int) string {
	var st unix.Stat_t
	if err := unix.Stat("/proc/"+strconv.Itoa(pid)+"/exe", &st); err != nil {
		return ""
	}
	return strconv.FormatUint(st.Dev, 16) + ":" + strconv.FormatUint(st.Ino, 16)
}
