package ancmbench

import "time"

// SiteEvent is something that went wrong with a hosting model while it was measured:
// what the original module writes to the event log.
type SiteEvent struct {
	// Time is the wall-clock time in UTC.
	Time   time.Time `json:"time"`
	Target string    `json:"target"`
	// Kind is one word for what it is about, such as app-ended.
	Kind string `json:"kind"`
	// Text says what has happened, with process id and exit code or signal.
	Text string `json:"text"`
	// Output is what the app printed last, by line; only with host details.
	Output []string `json:"output,omitempty"`
}
