//go:build !linux

package proctree

import (
	"errors"
	"time"
)

// Descendants cannot tell here.
func Descendants(int) ([]int, error) { return nil, ErrUnknown }

// Marked cannot tell here.
func Marked(string) ([]int, error) { return nil, ErrUnknown }

// Group cannot tell here.
func Group(int) ([]int, error) { return nil, ErrUnknown }

// Kill ends nothing here.
func Kill(_ time.Duration, find func() ([]int, error)) error {
	_, err := find()
	return err
}

// Subreaper has no effect here.
func Subreaper() error { return nil }

// Pin fails here unless there is nothing to do.
func Pin(cpus []int) error {
	if len(cpus) == 0 {
		return nil
	}
	return errors.New("pinning to CPUs: only Linux is supported")
}

// Title has no effect here.
func Title(string) {}
