package fleet

import (
	"errors"
	"fmt"
)

// ErrRefused is wrapped by the error of an agent that was asked for what its host does not
// allow.
var ErrRefused = errors.New("not allowed on that host")

// ErrVersion is wrapped by the error of an agent and a coordinator whose versions differ.
var ErrVersion = errors.New("the versions differ")

// errLate is wrapped by the error of an agent that was told too late when a load begins.
var errLate = errors.New("too late for the begin")

// errLeft is wrapped by the answer of an agent that is leaving: whatever it was asked for has
// ended with it.
var errLeft = errors.New("it left")

// Lost is the error of a trial one of whose agents has gone: it died, hangs, or was cut off.
type Lost struct {
	Agent string
	Why   string
}

func (l *Lost) Error() string { return fmt.Sprintf("%s was lost: %s", l.Agent, l.Why) }

// Missing is the error of a run that has fewer agents than it needs.
type Missing struct {
	Want, Have int
	Role       string // "load" or "serve"
	Waited     string
}

func (m *Missing) Error() string {
	return fmt.Sprintf("%d of %d agents with --%s joined within %s", m.Have, m.Want, m.Role, m.Waited)
}

// ClockError is the error of a trial one of whose agents has a clock that is not known well
// enough for a common timetable.
type ClockError struct {
	Agent              string
	Uncertainty, Bound string
}

func (c *ClockError) Error() string {
	return fmt.Sprintf("the clock of %s is known to %s only, and %s is needed for a common timetable: its round trips are too long", c.Agent, c.Uncertainty, c.Bound)
}
