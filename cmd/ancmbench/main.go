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
	"os"
	"os/signal"
	"sync"
	"syscall"

	"ancmbench/models"
	"ancmbench/models/app"
)

func main() {
	models.RunRole(app.Handler())
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
	default:
		return exitTool
	}
}

func isSilent(err error) bool {
	var c *codedError
	return errors.As(err, &c) && c.silent
}

var errInterrupted = errors.New("interrupted")

// errTerminated is the errInterrupted of SIGTERM, in the same words.
var errTerminated error = terminated{}

type terminated struct{}

func (terminated) Error() string        { return errInterrupted.Error() }
func (terminated) Is(target error) bool { return target == errInterrupted }

// secondSignal is what a second signal is to do, if not to end this process at once.
type secondSignal struct {
	mu sync.Mutex
	do func()
}

type secondSignalKey struct{}

// onSecondSignal lets do be called at the second signal; a third ends this process.
func onSecondSignal(ctx context.Context, do func()) {
	if s, ok := ctx.Value(secondSignalKey{}).(*secondSignal); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.do = do
	}
}

// call reports whether there was something to do.
func (s *secondSignal) call() bool {
	s.mu.Lock()
	do := s.do
	s.mu.Unlock()
	if do != nil {
		do()
	}
	return do != nil
}

// interruptible gives a context that the first Ctrl-C or SIGTERM cancels, so
// that what was measured is written and reported. The second ends this process
// at once, unless there is an onSecondSignal; its children see their control socket
// close and go too.
func interruptible() (context.Context, context.CancelFunc) {
	second := &secondSignal{}
	ctx, cancel := context.WithCancelCause(context.WithValue(context.Background(), secondSignalKey{}, second))
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if <-signals == syscall.SIGTERM {
			cancel(errTerminated)
		} else {
			cancel(errInterrupted)
		}
		<-signals
		if second.call() {
			<-signals
		}
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
