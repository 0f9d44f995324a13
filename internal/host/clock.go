package host

import (
	"slices"
	"time"
)

// clockTrials is the number of readings: enough for a median that one interrupt does not
// change, and done within a millisecond or two.
const clockTrials = 21

// readClock measures the monotonic clock. It returns the time of one reading, as the
// median over batches, and the smallest visible step.
func readClock() (cost, step time.Duration) {
	const batch = 200
	costs := make([]time.Duration, clockTrials)
	for i := range costs {
		begin := time.Now()
		for range batch {
			_ = time.Now()
		}
		costs[i] = time.Since(begin) / batch
	}
	slices.Sort(costs)
	steps := make([]time.Duration, clockTrials)
	for i := range steps {
		begin := time.Now()
		for steps[i] == 0 {
			steps[i] = time.Since(begin)
		}
	}
	return costs[clockTrials/2], slices.Min(steps)
}
