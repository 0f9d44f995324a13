//go:build !linux

package proctree

import "syscall"

// Catches is not known here.
func Catches(int, syscall.Signal) (bool, error) { return false, ErrUnknown }
