// Command ancmbench says how much it costs to put a web app in a process of its
// own behind a loopback proxy instead of running it inside the server.
//
// The same binary is the experiment, the load generator and every process of
// the bundled hosting models; models.RunRole tells them apart.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	models.RunRole(app.Handler())
	// Nobody here writes into the log; net/http does, of a server under load, as often as
	// that one likes. What matters of it is counted as a failure.
	log.SetOutput(io.Discard)
	os.Exit(run(os.Args[1:]))
}

// run carries out one command line and gives the exit code.
func run(args []string) int {
	ctx, cancel := interruptible()
	defer cancel()
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !isSilent(err) {
		fmt.Fprintln(os.Stderr, "ancmbench: "+err.Error())
	}
	return exitCode(ctx, err)
}

// Exit codes (MEASURING.md, "The gate"). A Go panic is 2 as well, so 2 never
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
