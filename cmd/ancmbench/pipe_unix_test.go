//go:build unix

package main

import (
	"syscall"
	"testing"
)

// makePipe makes a pipe that nobody writes to, and reports whether it could.
func makePipe(t *testing.T, path string) bool {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Log("no pipe: ", err)
		return false
	}
	return true
}
