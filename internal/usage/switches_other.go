//go:build !linux

package usage

import (
	"fmt"

	"ancmbench"
)

// ReadSwitches is supported on Linux only.
func ReadSwitches(pids []int) (ancmbench.Switches, error) {
	return ancmbench.Switches{}, fmt.Errorf("context switches: %w", unsupported("not read on this system"))
}
