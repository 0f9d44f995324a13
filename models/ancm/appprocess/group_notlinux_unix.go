//go:build unix && !linux

package appprocess

// awaitGroup does nothing: the group is told when the process is reaped, see terminate.
func (proc *process) awaitGroup() {}
