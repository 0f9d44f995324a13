package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"ancmbench"
)

var errInterrupted = errors.New("interrupted")

// errTerminated is the errInterrupted of SIGTERM, in the same words.
var errTerminated error = terminated{}

type terminated struct{}

func (terminated) Error() string        { return errInterrupted.Error() }
func (terminated) Is(target error) bool { return target == errInterrupted }

// secondSignal is what a second signal does, if it does not end this process at once.
type secondSignal struct {
	mu sync.Mutex
	do func()
}

type secondSignalKey struct{}

// onSecondSignal calls do at the second signal; a third one ends this process.
func onSecondSignal(ctx context.Context, do func()) {
	if s, ok := ctx.Value(secondSignalKey{}).(*secondSignal); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.do = do
	}
}

// call reports whether there was something to call.
func (s *secondSignal) call() bool {
	s.mu.Lock()
	do := s.do
	s.mu.Unlock()
	if do != nil {
		do()
	}
	return do != nil
}

// pipeTime is how long after the first signal a command may still wait for the other end of a pipe.
const pipeTime = 200 * time.Millisecond

// nextOrStuck returns at the next signal. A command that waits for the program at the other end of
// a pipe does not see the first one. It only reads its input or writes what a results file has
// already, and the process ends.
func nextOrStuck(signals <-chan os.Signal) {
	tick := time.NewTicker(pipeTime)
	defer tick.Stop()
	for {
		select {
		case <-signals:
			return
		case <-tick.C:
			if ancmbench.AwaitsPipe() {
				fmt.Fprintln(os.Stderr, "ancmbench:", errInterrupted)
				os.Exit(exitInterrupted)
			}
		}
	}
}

// interruptible returns a context that the first Ctrl-C or SIGTERM cancels, so
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
		nextOrStuck(signals)
		if second.call() {
			<-signals
		}
		os.Exit(exitInterrupted)
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}
