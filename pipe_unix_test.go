//go:build unix

package ancmbench

import (
	"syscall"
	"testing"
)

// makePipe makes a named pipe without a writer, and reports whether it succeeded.
func makePipe(t *testing.T, path string) bool {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Log("no pipe: ", err)
		return false
	}
	return true
}
