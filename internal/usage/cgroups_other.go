//go:build !linux

package usage

import "fmt"

// Cgroups cannot be made here.
type Cgroups struct{}

// Dirs returns nil.
func (c *Cgroups) Dirs() map[string]string { return nil }

// NewCgroups is supported on Linux only.
func NewCgroups(run, target string, roles []string) (*Cgroups, error) {
	return nil, fmt.Errorf("cgroups: %w", unsupported("this system has none"))
}

// Kill does nothing: there are no groups here.
func (c *Cgroups) Kill() error { return nil }

// Remove does nothing: there are no groups here.
func (c *Cgroups) Remove() error { return nil }

// SweepStale does nothing: there are no groups here.
func SweepStale() (int, error) { return 0, nil }

// GroupPIDs is supported on Linux only.
func GroupPIDs(dir string) ([]int, error) {
	return nil, fmt.Errorf("cgroups: %w", unsupported("this system has none"))
}
