package ancmbench

import (
	"fmt"
	"strings"
)

// MaxFaults is how many faults of one text an error lists. The others are only
// counted: a person fixes twenty and tries again, and a hostile file must not make an
// error of any size.
const MaxFaults = 20

// FaultList collects the faults of one text: the first MaxFaults of them, and the
// number of the others. The zero value is empty.
type FaultList struct {
	said []error
	more int
}

// Add adds a fault to the list; nil adds nothing.
func (l *FaultList) Add(err error) {
	switch {
	case err == nil:
	case len(l.said) < MaxFaults:
		l.said = append(l.said, err)
	default:
		l.more++
	}
}

// Len returns the number of faults, including those that are only counted.
func (l *FaultList) Len() int { return len(l.said) + l.more }

// Err returns an error with one line per fault, or nil if there are none. If there are
// more than MaxFaults, a last line says how many more. errors.As finds each listed fault.
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
