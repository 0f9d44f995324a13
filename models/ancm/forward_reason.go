package ancm

import (
	"errors"
	"os"
	"syscall"

	"ancmbench/models/httpsys/http1"
	"ancmbench/models/httpsys/rawio"
)

// step is how far an exchange with the app has come. Each has a time limit of its
// own, requestTimeout (CF-07), which is counted
//
//   - while the request is sent: from when a write finds no room, anew for each;
//   - while the answer is waited for: from when the last byte of the request was
//     handed over, anew after each informational response;
//   - within the answer: from the last bytes that have come. While the request is
//     still being sent (an app that answers early, full duplex) a pause of the answer
//     is not counted: the client's own pauses are the front's to bound.
//
// A WebSocket has one limit for both directions together: a byte in either starts it
// anew, so a connection without pings ends when both sides are silent for that long.
type step byte

const (
	sending step = iota
	waiting
	answering
)

func (s step) String() string {
	return [...]string{"sending the request", "waiting for the answer", "within the answer"}[s]
}

// gatewayError is an error with a word for its kind of 502.3 (OP-15), for the client's
// X-Ancm-Error and for the log.
type gatewayError struct {
	reason string
	err    error
}

func (e *gatewayError) Error() string { return e.reason + ": " + e.err.Error() }
func (e *gatewayError) Unwrap() error { return e.err }

// Reason returns the word.
func (e *gatewayError) Reason() string { return e.reason }

// withReason returns an error of the app's side with its reason, and any other error as
// it is.
func withReason(err error, at step) error {
	if err == nil {
		return nil // what errors.As needs would be allocated for every request
	}
	return classify(err, at)
}

func classify(err error, at step) error {
	var fault *http1.Fault
	var failure *Failure
	switch {
	case errors.As(err, &failure) || errors.Is(err, rawio.ErrCanceled) || isClients(err):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &gatewayError{"time limit (" + at.String() + ")", err}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &gatewayError{"refused", err}
	case hasEnded(err):
		return &gatewayError{"reset", err}
	case errors.Is(err, rawio.ErrNotQuiet), errors.Is(err, errProtocol), errors.As(err, &fault):
		return &gatewayError{"malformed answer", err}
	}
	return err
}

// errProtocol is the fault of an answer that the app may not send at this point of an
// exchange.
var errProtocol = errors.New("the app breaks the protocol")
