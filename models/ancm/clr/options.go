package clr

import (
	"fmt"

	"ancmbench/models/ancm/webconfig"
)

// Options are what an app is hosted with.
type Options struct {
	// Config is the module's configuration; its processPath and arguments name the app.
	Config webconfig.Config
	// Ended, if not nil, is called once if the app ends after it was ready, and nobody
	// has asked it to. code is what its Main returned.
	Ended func(code int)
	// Failed, if not nil, is called once if the app fails after it was ready, and the
	// process lives on: it has started a second web server. Requests get 500.30.
	Failed func(error)
	// Transport is Rings, Direct or Send; empty is DefaultTransport.
	Transport string
}

// The ways in which a request comes to the app and its answer back.
const (
	Rings  = "rings"  // by messages, both ways
	Direct = "direct" // the front's thread calls the app
	Send   = "send"   // and a small whole answer is sent by the app's thread
)

// DefaultTransport is that of Options without one: as near to IIS as there is. Each of the three
// has held a stress of twenty minutes (scripts/clr-stress.sh).
const DefaultTransport = Send

// StartError is the error of an app that does not start.
type StartError struct {
	// Status is the sub-status of 500 that says why, as the module has it (IP-02).
	Status int
	// Why says what is wrong, and what would help.
	Why string
}

// Sub-statuses of StartError.
const (
	NotStarted = 30 // Main threw, or ended before the app was ready
	NoRuntime  = 31 // .NET, or the framework that the app needs, is not there
	SecondApp  = 35 // this process hosts another app
	NoAssembly = 38 // app.dll is not there
)

func (e *StartError) Error() string { return e.Why }

// Substatus returns Status.
func (e *StartError) Substatus() int { return e.Status }

func faultf(status int, format string, args ...any) error {
	return &StartError{Status: status, Why: fmt.Sprintf(format, args...)}
}
