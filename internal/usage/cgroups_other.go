//go:build !linux

package usage

import "fmt"

// Cgroups cannot be made here.
type Cgroups struct{}

// Dirs is empty.
func (c *Cgroups) Dirs() map[string]string { return nil }

// NewCgroups is supported on Linux only.
func NewCgroups(run, arm string, roles []string) (*Cgroups, error) {
	return nil, fmt.Errorf("cgroups: %w", unsupported("this system has none"))
}

// Kill has nothing to end: there are no groups here.
func (c *Cgroups) Kill() error { return nil }

// Remove has nothing to take away: there are no groups here.
func (c *Cgroups) Remove() error { return nil }

// SweepStale has nothing to sweep: there are no groups here.
func SweepStale() (int, error) { return 0, nil }

// GroupPIDs is supported on Linux only.
func GroupPIDs(dir string) ([]int, error) {
	return nil, fmt.Errorf("cgroups: %w", unsupported("this system has none"))
}
