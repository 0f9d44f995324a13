//go:build !unix && !windows

package proctree

import (
	"errors"
	"syscall"
)

// Attributes say what a child is born with.
type Attributes struct {
	// Group has no effect here.
	Group bool
	// DieWithParent has no effect here.
	DieWithParent bool
	// Cgroup must be empty: the system has no cgroups.
	Cgroup string
}

// SysProcAttr makes the attributes for one start. Release is to be called after
// it, whether it succeeded or not.
func (a Attributes) SysProcAttr() (attr *syscall.SysProcAttr, release func(), err error) {
	if a.Cgroup != "" {
		return nil, nil, errors.New("cgroup: only Linux has cgroups")
	}
	return &syscall.SysProcAttr{}, func() {}, nil
}
