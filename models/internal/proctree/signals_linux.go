package proctree

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// Catches reports whether a process has a handler for a signal, or ignores it: if
// it has not, the signal ends it as it stands (proc(5), SigCgt and SigIgn).
func Catches(pid int, signal syscall.Signal) (bool, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return false, err
	}
	found := false
	for line := range bytes.Lines(b) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if string(name) != "SigCgt" && string(name) != "SigIgn" {
			continue
		}
		mask, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 16, 64)
		if err != nil {
			return false, fmt.Errorf("process %d: %s: %w", pid, name, err)
		}
		found = true
		if mask&(1<<(signal-1)) != 0 {
			return true, nil
		}
	}
	if !found {
		return false, ErrUnknown
	}
	return false, nil
}
