//go:build unix && !linux

package proctree

import (
	"errors"
	"syscall"
)

// Attributes say what a child is born with.
type Attributes struct {
	// Group makes the child the leader of a process group of its own.
	Group bool
	// DieWithParent has no effect here: the system has no parent-death signal.
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
	return &syscall.SysProcAttr{Setpgid: a.Group}, func() {}, nil
}
