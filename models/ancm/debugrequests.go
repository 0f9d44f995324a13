package ancm

import (
	"bytes"
	"errors"
	"time"

	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/httpsys"
)

// DebugRequests tells a debuglog.Log of requests: failures as ERROR, those whose
// client has gone as INFO, all as TRACE. It stands in front of the module only
// where there is a log. Queries are not told: they may be secrets.
type DebugRequests struct {
	Next httpsys.Handler
	Log  *debuglog.Log
}

// ServeExchange asks Next and tells what came of it.
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
