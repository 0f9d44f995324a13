//go:build !linux

package usage

import "fmt"

// SystemCalls counts system calls on Linux only.
type SystemCalls struct{}

// OpenSystemCalls returns an error that wraps errors.ErrUnsupported.
func OpenSystemCalls([]Role) (*SystemCalls, error) {
	return nil, fmt.Errorf("system calls: %w", unsupported("not counted on this system"))
}

// Read does nothing.
func (*SystemCalls) Read([]int64) error { return nil }

// Close does nothing.
func (*SystemCalls) Close() error { return nil }
