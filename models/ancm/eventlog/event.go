package eventlog

import (
	"strings"
	"time"
)

// Kind says what an Event is about.
type Kind string

// The kinds of event.
const (
	AppStarted     Kind = "app-started"
	AppNotStarted  Kind = "app-not-started"
	AppEnded       Kind = "app-ended" // unasked
	AppStopped     Kind = "app-stopped"
	AppKilled      Kind = "app-killed"
	RapidFails     Kind = "rapid-fails"
	LogNotWritable Kind = "log-not-writable"
	LogWritable    Kind = "log-writable-again"
	ConfigFaulty   Kind = "configuration-faulty"
	ConfigChanged  Kind = "configuration-changed"
	AppOffline     Kind = "app-offline"
	AppOnline      Kind = "app-online"
	WorkerEnded    Kind = "worker-ended" // unasked
)

// Event is an entry that the original writes to the event log. Its maker removes
// secrets from it (package redact).
type Event struct {
	Time time.Time `json:"time"`
	Kind Kind      `json:"kind"`
	// App is the path of the application, empty for the site's own.
	App string `json:"app,omitempty"`
	// Text says what has happened, with process id and exit code or signal.
	Text string `json:"text"`
	// Output is what the app printed last, by line.
	Output []string `json:"output,omitempty"`
}

// Fault reports whether the event is a fault.
func (e Event) Fault() bool {
	switch e.Kind {
	case AppStarted, AppStopped, LogWritable, ConfigChanged, AppOffline, AppOnline:
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
		line += "; its last words: " + strings.Join(e.Output, " | ")
	}
	return oneLine(line)
}

// oneLine returns s as one line that is harmless on a terminal. What an app printed may
// hold escape sequences, or controls that change the direction of writing.
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

// OutputBytes bounds what an Event keeps of the output.
const OutputBytes = 2 << 10

// outputLines bounds it too.
const outputLines = 5

// LastLines returns the last lines of text that are not empty, at most five.
func LastLines(text string) []string {
	if over := len(text) - OutputBytes; over > 0 {
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
	return lines[max(0, len(lines)-outputLines):]
}
