package host

import (
	"slices"
	"time"
)

// clockTrials is how many readings are taken: enough for a median that one
// interrupt does not move, and done within a millisecond or two.
const clockTrials = 21

// readClock measures the monotonic clock that every instant is taken with: what
// one reading costs, the median over batches, and its smallest visible step.
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
