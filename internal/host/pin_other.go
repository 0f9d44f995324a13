//go:build !linux

package host

import "fmt"

// Pin is supported on Linux only.
func Pin(cores []int) (undo func() error, err error) {
	return nil, fmt.Errorf("pin: %w", unsupported("processes are not pinned on this system"))
}
