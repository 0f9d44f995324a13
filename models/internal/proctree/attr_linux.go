package proctree

import (
	"fmt"
	"os"
	"syscall"
)

// Attributes say what a child is born with.
type Attributes struct {
	// Group makes the child the leader of a process group of its own.
	Group bool
	// DieWithParent kills the child when the thread that started it ends.
	DieWithParent bool
	// Cgroup is the cgroup v2 directory into which it is born; empty is the parent's.
	Cgroup string
}

// SysProcAttr makes the attributes for one start. Release is to be called after
// it, whether it succeeded or not.
func (a Attributes) SysProcAttr() (attr *syscall.SysProcAttr, release func(), err error) {
	attr = &syscall.SysProcAttr{Setpgid: a.Group}
	if a.DieWithParent {
		attr.Pdeathsig = syscall.SIGKILL
	}
	if a.Cgroup == "" {
		return attr, func() {}, nil
	}
	dir, err := os.Open(a.Cgroup)
	if err != nil {
		return nil, nil, fmt.Errorf("cgroup: %w", err)
	}
	attr.UseCgroupFD, attr.CgroupFD = true, int(dir.Fd())
	return attr, func() { dir.Close() }, nil
}
