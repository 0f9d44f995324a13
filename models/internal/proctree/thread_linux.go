package proctree

import "golang.org/x/sys/unix"

// onMainThread says whether the caller, which is locked to its thread, has the
// process' first one.
func onMainThread() bool { return unix.Gettid() == unix.Getpid() }
