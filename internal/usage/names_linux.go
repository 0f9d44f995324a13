package usage

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

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
