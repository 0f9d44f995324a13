package usage

import "maps"

// Cgroups are the cgroup v2 leaves of one arm of a run, one per role. A process
// is born into its leaf (syscall.SysProcAttr.CgroupFD), so that not even its
// first instruction is counted elsewhere. Make one with NewCgroups.
type Cgroups struct {
	roles []string
	dirs  map[string]string
}

// Dirs maps a role to the directory of its leaf. The caller owns the map.
func (c *Cgroups) Dirs() map[string]string {
	return maps.Clone(c.dirs)
}
