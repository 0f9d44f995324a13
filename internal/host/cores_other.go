//go:build !linux

package host

// usableCores says that nothing is pinned here.
func usableCores() ([]core, error) {
	return nil, unsupported("processes are not pinned on this system")
}
