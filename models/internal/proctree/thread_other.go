//go:build !linux

package proctree

// onMainThread does not matter where no signal is sent when a thread ends.
func onMainThread() bool { return false }
