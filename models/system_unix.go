//go:build unix

package models

import (
	"errors"
	"syscall"
)

func supported() error { return nil }

func portTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
