package ancm

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// EventKind says what an Event is about.
type EventKind string

// The kinds of event.
const (
	EventStarted    EventKind = "app-started"
	EventNotStarted EventKind = "app-not-started"
	EventEnded      EventKind = "app-ended" // unasked
	EventStopped    EventKind = "app-stopped"
	EventKilled     EventKind = "app-killed"
	EventRapidFails EventKind = "rapid-fails"
	EventLog        EventKind = "log-not-writable"
	EventLogBack    EventKind = "log-writable-again"
	EventConfig     EventKind = "configuration-faulty"
	EventChanged    EventKind = "configuration-changed"
	EventOffline    EventKind = "app-offline"
	EventOnline     EventKind = "app-online"
	EventWorker     EventKind = "worker-ended" // unasked
)

// Event is something that the original writes to the event log. It holds no secret
// that could be recognised as one (Redaction).
type Event struct {
	Time time.Time `json:"time"`
	Kind EventKind `json:"kind"`
	// App is the path of the application, empty for the site's own.
	App string `json:"app,omitempty"`
	// Text says what has happened, with process id and exit code or signal.
	Text string `json:"text"`
	// Output is what the app printed last, by line.
	Output []string `json:"output,omitempty"`
}

// Fault reports whether something has gone wrong, beside what merely happened.
func (e Event) Fault() bool {
	switch e.Kind {
	case EventStarted, EventStopped, EventLogBack, EventChanged, EventOffline, EventOnline:
		return false
	}
	return true
}

// String returns the event as one line: time, application, text, last lines.
func (e Event) String() string {
	line := e.Time.UTC().Format("2006-01-02T15:04:05.000Z") + " "
	if e.App != "" {
		line += e.App + ": "
	}
	line += e.Text
	if len(e.Output) > 0 {
		line += "; it printed last: " + strings.Join(e.Output, " | ")
	}
	return oneLine(line)
}

// oneLine keeps a line one line, and harmless on a terminal: what an app printed
// may hold escape sequences, or controls that turn the direction of writing.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0, r >= 0x200e && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '?'
		}
		return r
	}, s)
}

// Bounds of what an Event keeps of the output.
const (
	eventLines = 5
	eventBytes = 2 << 10
)

// lastLines gives the last few lines that are not empty.
func lastLines(text string) []string {
	if over := len(text) - eventBytes; over > 0 {
		text = text[over:]
		if _, rest, ok := strings.Cut(text, "\n"); ok {
			text = rest
		}
	}
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-eventLines):]
}

// report tells of an event, without secrets.
func (p *Processes) report(kind EventKind, output string, format string, args ...any) {
	if p.opt.Report == nil {
		return
	}
	hide := p.opt.redaction()
	p.opt.Report(Event{Time: time.Now(), Kind: kind, Text: hide.Redact(fmt.Sprintf(format, args...)), Output: lastLines(hide.Redact(output))})
}

func (p *Processes) started(proc *process, took time.Duration) {
	p.report(EventStarted, "", "the app's process %d listens on %s, after %v", proc.pid, proc.place(), took.Round(time.Millisecond))
}

// notStarted tells why requests get 502.5; of a window of rapid fails once.
func (p *Processes) notStarted(err error) {
	var start *StartError
	var rapid *rapidFailsError
	switch {
	case errors.As(err, &rapid):
		if rapid.first {
			p.report(EventRapidFails, "", "the app is not started any more: %v; requests get 502.5 until then", rapid)
		}
	case errors.As(err, &start):
		p.report(EventNotStarted, start.Output, "%v; requests get 502.5", err)
	}
}

func (p *Processes) crashed(proc *process) {
	p.report(EventEnded, proc.output.last(), "the app's process %d has ended unasked: %v; the next request starts it again", proc.pid, proc.ending())
}

func (p *Processes) stopped(proc *process) {
	p.report(EventStopped, "", "the app's process %d has ended as asked: %v", proc.pid, proc.ending())
}

func (p *Processes) killed(proc *process) {
	p.report(EventKilled, "", "the app's process %d has not ended within shutdownTimeLimit, %v, and is killed", proc.pid, p.opt.Config.ShutdownTimeLimit)
}
