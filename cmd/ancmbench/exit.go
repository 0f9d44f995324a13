package main

import (
	"context"
	"errors"
	"fmt"

	"ancmbench/fleet"
	"ancmbench/models"
)

// codedError is an error that knows its exit code.
type codedError struct {
	code   int
	silent bool // everything was said already
	err    error
}

func (e *codedError) Error() string { return e.err.Error() }

func (e *codedError) Unwrap() error { return e.err }

func coded(code int, format string, args ...any) error {
	return &codedError{code: code, err: fmt.Errorf(format, args...)}
}

func usageError(format string, args ...any) error { return coded(exitUsage, format, args...) }

func exitCode(ctx context.Context, err error) int {
	var c *codedError
	var options *models.OptionsError
	var lost *fleet.Lost
	var missing *fleet.Missing
	var apart *fleet.ClockError
	switch {
	case errors.As(err, &c) && c.code == exitOK: // serve was asked to end, and has
		return exitOK
	case errors.Is(context.Cause(ctx), errInterrupted):
		return exitInterrupted
	case err == nil:
		return exitOK
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &options):
		return exitUsage
	case errors.As(err, &lost), errors.As(err, &missing), errors.As(err, &apart):
		return exitInvalid
	default:
		return exitTool
	}
}

func isSilent(err error) bool {
	var c *codedError
	return errors.As(err, &c) && c.silent
}

// Exit codes. A Go panic is 2 as well, so 2 never
// means a regression.
const (
	exitOK          = 0
	exitTool        = 1
	exitUsage       = 2
	exitInvalid     = 3
	exitUndecided   = 4
	exitRegression  = 99
	exitInterrupted = 130
)
