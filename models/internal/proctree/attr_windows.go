package proctree

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// Attributes say what a child is born with.
type Attributes struct {
	// Group makes the child the leader of a group of its own: Ctrl-C on the
	// console is not for it, and Ctrl-Break can be sent to it alone.
	Group bool
	// DieWithParent has no effect here: a Job does it.
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
	attr = &syscall.SysProcAttr{}
	if a.Group {
		attr.CreationFlags = windows.CREATE_NEW_PROCESS_GROUP
	}
	return attr, func() {}, nil
}
