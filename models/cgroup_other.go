//go:build !linux

package models

import "errors"

func removeCgroups(cgroups map[string]string) error {
	if len(cgroups) > 0 {
		return errors.New("cgroup: only Linux has cgroups")
	}
	return nil
}
