//go:build !linux

package host

import "runtime"

// virtualizationKnown says that a machine without a visible hypervisor has none.
const virtualizationKnown = false

func governor() (string, error)    { return "", unsupported("not read on this system") }
func clockSource() (string, error) { return "", unsupported("not read on this system") }

// coresAllowed returns how many cores this process may keep busy.
func coresAllowed() (float64, error) { return float64(runtime.NumCPU()), nil }
