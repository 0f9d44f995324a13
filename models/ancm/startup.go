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
// for it. If the app fails, requests get 500.30; if it is too slow, they get 500.37.
// This stays so until the process ends, also if the app is ready later. It must not be
// copied.
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
	substatus, contentType := 30, "text/html; charset=utf-8"
	if errors.Is(s.err, ErrStartTimeout) {
		substatus = 37
	}
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

func (s *Startup) page(substatus int) []byte {
	title, cause := "the app did not start", "The app ended, or reported an error, before it was ready."
	if substatus == 37 {
		title, cause = "the app did not start in time", "The app needs longer than startupTimeLimit until it is ready."
	}
	page := fmt.Sprintf("<!DOCTYPE html>\n<title>500.%d %s</title>\n<h1>HTTP Error 500.%[1]d: %[2]s</h1>\n<p>%[3]s\n"+
		"<p>The worker keeps this answer until it recycles.\n", substatus, title, cause)
	if s.Details {
		return []byte(page + "<p>" + html.EscapeString(s.Hide.Redact(s.err.Error())) + "\n")
	}
	return []byte(page + DetailsHint)
}
