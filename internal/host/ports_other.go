//go:build !linux

package host

// PortsLeft is supported on Linux only.
func PortsLeft() (int, error) { return 0, unsupported("not read on this system") }
