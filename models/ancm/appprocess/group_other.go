//go:build !linux

package appprocess

import (
	"os"
	"path/filepath"
)

// sweep does nothing: descendants that left the group cannot be found on this system.
func (proc *process) sweep() {}

// socketName returns a path that the app removes when it ends.
func socketName() string { return filepath.Join(os.TempDir(), "ancmbench-"+newToken()[:13]) }
