//go:build !linux

package usage

import (
	"fmt"
	"time"
)

// newCounter returns a counter of the only source here.
func newCounter(r Role) (counter, error) {
	if len(r.PIDs) == 0 {
		return nil, unsupported("this system has no cgroups, and no processes are named")
	}
	return newTimesCounter(r.PIDs)
}

// RunQueue is supported on Linux only.
type RunQueue struct{}

// NewRunQueue is supported on Linux only.
func NewRunQueue(pids []int) (*RunQueue, error) {
	return nil, fmt.Errorf("run queue: %w", unsupported("this system does not tell"))
}

// Waited is supported on Linux only.
func (q *RunQueue) Waited() (time.Duration, error) {
	return 0, fmt.Errorf("run queue: %w", unsupported("this system does not tell"))
}
