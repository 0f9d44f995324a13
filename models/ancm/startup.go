package ancm

import (
	"context"
	"errors"
	"fmt"
	"html"
	"sync"
	"sync/atomic"
	"time"

	"ancmbench/models/ancm/debuglog"
	"ancmbench/models/ancm/redact"
	"ancmbench/models/httpsys"
)

// Starter is an app that must do something before it can answer: the part of its Main
// that comes before its server is ready. Start returns when the app can take requests.
// ctx ends when nobody waits for the app any more.
type Starter interface {
	Start(ctx context.Context) error
}

// ErrStartTimeout is the error of an app that took longer than startupTimeLimit to
// start.
var ErrStartTimeout = errors.New("the app was not ready within its startupTimeLimit")

// Startup initialises an app in this process and stands in front of the handler Next
// (IP-02). The first request calls App.Start, and all requests that come meanwhile wait
// for it. If the app fails, requests get 500.30, or the Substatus of the error if it has that
// method; if it is too slow, they get 500.37. This stays so until the process ends, also
// if the app is ready later. It must not be copied.
type Startup struct {
	Next httpsys.Handler
	App  Starter
	// Limit is startupTimeLimit (CF-04). If zero, an app starts only if it is ready at
	// once.
	Limit time.Duration
	// NoPage leaves the page out of the answer (CF-12). Details puts the error on the
	// page.
	NoPage, Details bool
	// Hide removes secrets from the error on the page.
	Hide redact.Redaction
	// Failed, if not nil, is called once with the reason why the app has not started.
	Failed func(error)
	// Debug is the log that the start is written to. If nil, it is not written.
	Debug *debuglog.Log

	ready atomic.Bool // the quick way for all that come later
	once  sync.Once
	ended chan struct{} // closed when err is final
	err   error
}

// ServeExchange hands over to Next once the app is ready.
func (s *Startup) ServeExchange(x *httpsys.Exchange) {
	if s.ready.Load() {
		s.Next.ServeExchange(x)
		return
	}
	s.once.Do(func() {
		s.ended = make(chan struct{})
		go s.start()
	})
	<-s.ended // within Limit
	if s.err == nil {
		s.Next.ServeExchange(x)
		return
	}
	substatus, contentType := Substatus(s.err), "text/html; charset=utf-8"
	page := s.page(substatus)
	if s.NoPage {
		contentType, page = "", nil
	}
	x.Error(500, substatus, contentType, page, s.err)
}

func (s *Startup) start() {
	defer close(s.ended)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	late := time.NewTimer(s.Limit)
	defer late.Stop()
	started := make(chan error, 1)
	go func() { started <- s.App.Start(ctx) }()
	select {
	case s.err = <-started:
	case <-late.C:
		s.err = fmt.Errorf("%w of %v", ErrStartTimeout, s.Limit)
	}
	if s.err == nil {
		s.Debug.Printf(debuglog.Info, "the app is ready in this process")
		s.ready.Store(true)
		return
	}
	s.Debug.Printf(debuglog.Error, "the app does not start: %v", s.err)
	if s.Failed != nil {
		s.Failed(s.err)
	}
}

// Substatus returns the sub-status of 500 for an app that has not started (IP-02): 37 if it
// was too slow, else that of the error if it has one, else 30.
func Substatus(err error) int {
	var own interface{ Substatus() int }
	switch {
	case errors.Is(err, ErrStartTimeout):
		return 37
	case errors.As(err, &own):
		return own.Substatus()
	}
	return 30
}

// startFaults are the titles and causes that the page gives, by the sub-status.
var startFaults = map[int]struct{ title, cause string }{
	30: {"the app did not start", "The app ended, or reported an error, before it was ready."},
	31: {"what the app runs on is missing", ".NET, or the framework that the app needs, is not installed."},
	35: {"this worker hosts another app", "A worker can host one app in-process."},
	37: {"the app did not start in time", "The app needs longer than startupTimeLimit until it is ready."},
	38: {"the app's assembly is missing", "The file that web.config names is not there."},
}

func (s *Startup) page(substatus int) []byte {
	fault := startFaults[substatus]
	page := fmt.Sprintf("<!DOCTYPE html>\n<title>500.%d %s</title>\n<h1>HTTP Error 500.%[1]d: %[2]s</h1>\n<p>%[3]s\n"+
		"<p>The worker keeps this answer until it recycles.\n", substatus, fault.title, fault.cause)
	if s.Details {
		return []byte(page + "<p>" + html.EscapeString(s.Hide.Redact(s.err.Error())) + "\n")
	}
	return []byte(page + DetailsHint)
}
