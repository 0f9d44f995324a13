package ancm

import (
	"bytes"
	"errors"
	"time"

	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/httpsys"
)

// DebugRequests writes requests to a debuglog.Log: failures as ERROR, requests whose
// client has gone as INFO, all requests as TRACE. It stands in front of the module only
// if there is a log. It leaves out queries, which may hold secrets.
type DebugRequests struct {
	Next httpsys.Handler
	Log  *debuglog.Log
}

// ServeExchange asks Next and writes the outcome to the log.
func (d *DebugRequests) ServeExchange(x *httpsys.Exchange) {
	d.Log.Printf(debuglog.Trace, "%s %q: begins", x.Method, pathOf(x))
	returned := false
	defer func() {
		if !returned {
			d.tell(x, errPanicked)
		}
	}()
	d.Next.ServeExchange(x)
	returned = true
	d.tell(x, x.Fault())
}

func (d *DebugRequests) tell(x *httpsys.Exchange, err error) {
	took := time.Since(x.Start)
	switch {
	case errors.Is(err, httpsys.ErrGone):
		d.Log.Printf(debuglog.Info, "%s %q: the client has gone, after %v", x.Method, pathOf(x), took)
	case err != nil || x.Substatus() != 0:
		d.Log.Printf(debuglog.Error, "%s %q: %d.%d: %v, after %v", x.Method, pathOf(x), x.Status(), x.Substatus(), err, took)
	default:
		d.Log.Printf(debuglog.Trace, "%s %q: %d, %d bytes, after %v", x.Method, pathOf(x), x.Status(), x.Sent(), took)
	}
}

func pathOf(x *httpsys.Exchange) []byte {
	before, _, _ := bytes.Cut(x.Target, []byte("?"))
	return before
}

// errPanicked is the fault of a request whose handler did not return.
var errPanicked = errors.New("the app panicked")
