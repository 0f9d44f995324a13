package models

import (
	"fmt"
	"time"

	"ancmbench/models/ancm/eventlog"
	"ancmbench/models/ancm/redact"
)

// Event is something that happened to a site, as the original writes to the event
// log: see Options.Report.
type Event = eventlog.Event

// reporter turns what a process of the site reports into events.
type reporter struct {
	put  func(Event)
	hide redact.Redaction
}

// report hands an event without secrets to put.
func (r reporter) report(kind eventlog.Kind, format string, args ...any) {
	r.put(Event{Time: time.Now(), Kind: kind, Text: r.hide.Redact(fmt.Sprintf(format, args...))})
}

// of returns a reporter whose events name the application at path app.
func (r reporter) of(app string) reporter {
	put := r.put
	r.put = func(e Event) {
		e.App = app
		put(e)
	}
	return r
}
