package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

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
	switch {
	case errors.Is(context.Cause(ctx), errInterrupted):
		return exitInterrupted
	case err == nil:
		return exitOK
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &options):
		return exitUsage
	default:
		return exitTool
	}
}

func isSilent(err error) bool {
	var c *codedError
	return errors.As(err, &c) && c.silent
}

var errInterrupted = errors.New("interrupted")

// interruptible gives a context that the first Ctrl-C or SIGTERM cancels, so
// that what was measured is written and reported. The second ends this process
// at once; its children see their control socket close and go too.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errInterrupted)
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
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
