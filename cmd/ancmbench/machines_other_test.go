//go:build !linux

package main

// slowRelay is for tests that need Linux.
func slowRelay() {}

// natsServer is for tests that need Linux.
func natsServer() {}
