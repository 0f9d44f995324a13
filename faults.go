package ancmbench

import (
	"fmt"
	"strings"
)

// MaxFaults is how many of the faults of one text are said. The others are counted:
// a person mends twenty and looks again, and a stranger's file must not fill a disk.
const MaxFaults = 20

// FaultList collects what is wrong with one text: the first MaxFaults, and the number
// of the others. The zero value is empty.
type FaultList struct {
	said []error
	more int
}

// Add takes one more fault; nil is none.
func (l *FaultList) Add(err error) {
	switch {
	case err == nil:
	case len(l.said) < MaxFaults:
		l.said = append(l.said, err)
	default:
		l.more++
	}
}

// Len is the number of faults, those that are only counted included.
func (l *FaultList) Len() int { return len(l.said) + l.more }

// Err has a line per fault and, where there are more than MaxFaults, one that says how
// many; it is nil if there are none. Each fault that is said can be found by errors.As.
func (l *FaultList) Err() error {
	if l.Len() == 0 {
		return nil
	}
	return &faultsError{l.said, l.more}
}

type faultsError struct {
	said []error
	more int
}

func (e *faultsError) Error() string {
	lines := make([]string, 0, len(e.said)+1)
	for _, err := range e.said {
		lines = append(lines, err.Error())
	}
	if e.more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.more))
	}
	return strings.Join(lines, "\n")
}

func (e *faultsError) Unwrap() []error { return e.said }
