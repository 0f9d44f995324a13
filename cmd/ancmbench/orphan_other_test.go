//go:build !linux

package main

import "testing"

// assertNothingLeft cannot tell here.
func assertNothingLeft(*testing.T, string, ...int) {}
