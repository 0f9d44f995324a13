package loadgen

import (
	"errors"

	"ancmbench"
)

// Outcome is how one request ended.
type Outcome uint8

// The outcomes, as counted in ancmbench.Outcomes.
const (
	OK          Outcome = iota // a complete answer, as expected
	BadStatus                  // a complete answer with another status
	WrongModel                 // a complete answer from another model
	WrongAnswer                // a complete answer with another field or body
	Refused                    // no connection: nothing listens
	Reset                      // the connection was reset
	Timeout                    // no complete answer before the timeout, or the end of the drain
	Malformed                  // not HTTP
	ClosedEarly                // the connection ended before the answer did
	Failed                     // any other failure of the transport
	Unfinished                 // in flight when the load was stopped

	outcomes
)

var outcomeNames = [outcomes]string{"ok", "status", "wrong_model", "wrong_answer", "refused", "reset",
	"timeout", "malformed", "closed_early", "failed", "unfinished"}

func (o Outcome) String() string {
	if o < outcomes {
		return outcomeNames[o]
	}
	return "unknown"
}

// whole reports whether a complete answer was read.
func (o Outcome) whole() bool { return o <= WrongAnswer }

// ErrErrors is wrapped by the error of an engine that stopped because the share of errors
// exceeded Load.MaxErrorShare.
var ErrErrors = errors.New(ancmbench.VoidErrors)

// errorsLeast is how many requests must have been sent before the share of
// errors can stop a load (ancmbench.Load.MaxErrorShare).
const errorsLeast = 20

// TooManyErrors reports whether a load must stop. Shed requests do not count, because
// they do the server no harm.
func TooManyErrors(sent, failed int64, share float64) bool {
	return share > 0 && sent >= errorsLeast && float64(failed) > share*float64(sent)
}
