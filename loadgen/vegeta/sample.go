package vegeta

import (
	"math/rand/v2"
	"time"
)

// sampleEvery is the mean time between two counts of the requests in flight.
const sampleEvery = 5 * time.Millisecond

// sample counts the requests in flight at random instants, so that it does not keep step
// with evenly spaced requests.
func (r *run) sample(over <-chan struct{}) {
	timer := time.NewTimer(sampleEvery)
	defer timer.Stop()
	for {
		select {
		case <-over:
			return
		case <-timer.C:
		}
		for _, t := range r.targets {
			t.mu.Lock()
			if t.loaded {
				t.recorder.InFlight(int(t.wired.Load() + t.conns.opening.Load()))
			}
			t.mu.Unlock()
		}
		timer.Reset(time.Duration((0.2 + rand.ExpFloat64()) / 1.2 * float64(sampleEvery)))
	}
}
