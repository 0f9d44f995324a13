package proctree

import "golang.org/x/sys/unix"

// onMainThread reports whether the caller, which is locked to its thread, runs on the
// first thread of the process.
func onMainThread() bool { return unix.Gettid() == unix.Getpid() }
