//go:build !unix

package main

import "os/exec"

// inOwnGroup does not wait for what a killed command leaves behind.
func inOwnGroup(c *exec.Cmd) (end func()) {
	c.WaitDelay = buildGrace
	return func() {}
}
