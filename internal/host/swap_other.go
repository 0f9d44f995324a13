//go:build !linux

package host

// swapped is not read on this system.
func swapped() (int64, bool) { return 0, false }
