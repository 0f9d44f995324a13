package ancmbench

import "time"

// SiteEvent is a fault of a hosting model during the measurement. The original module
// writes such faults to the Windows event log.
type SiteEvent struct {
	// Time is the wall-clock time in UTC.
	Time   time.Time `json:"time"`
	Target string    `json:"target"`
	// Kind is the kind of fault in one word, such as app-ended.
	Kind string `json:"kind"`
	// Text says what happened, with process id and exit code or signal.
	Text string `json:"text"`
	// Output holds the last lines that the app printed; only with host details.
	Output []string `json:"output,omitempty"`
}
