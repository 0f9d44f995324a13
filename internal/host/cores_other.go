//go:build !linux

package host

// usableCores returns none: processes are not pinned on this system.
func usableCores() ([]core, error) {
	return nil, unsupported("processes are not pinned on this system")
}
