//go:build !linux

package peers

import "errors"

func removeCgroup(dir string) error {
	if dir != "" {
		return errors.New("cgroup: only Linux has cgroups")
	}
	return nil
}
