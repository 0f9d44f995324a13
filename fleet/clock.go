package fleet

import (
	"context"
	"time"

	"ancmbench"
)

// clock is monotonic time that begins with the time of day at its making. Unlike the time
// of day it never steps, and its offset to another such clock drifts by microseconds in a
// minute.
type clock struct{ zero time.Time }

func newClock() clock { return clock{time.Now()} }

// now returns what the clock shows: nanoseconds since 1970.
func (c clock) now() time.Duration {
	return time.Duration(c.zero.UnixNano()) + time.Since(c.zero)
}

// at returns the instant that the clock shows as d.
func (c clock) at(d time.Duration) time.Time {
	return c.zero.Add(d - time.Duration(c.zero.UnixNano()))
}

// instant is what a clock shows, in a message. One number of nanoseconds would have more
// digits than JSON keeps.
type instant struct {
	Seconds int64 `json:"seconds"`
	Nanos   int64 `json:"nanos"`
}

func instantOf(d time.Duration) instant {
	return instant{int64(d / time.Second), int64(d % time.Second)}
}

func (i instant) d() time.Duration {
	return time.Duration(i.Seconds)*time.Second + time.Duration(i.Nanos)
}

const (
	// clockTrips is how many round trips an estimate takes; the shortest one counts.
	clockTrips = 20
	// clockTime ends an estimate whose round trips are long, after at least three.
	clockTime  = 500 * time.Millisecond
	clockLeast = 3
)

// estimate returns how far a clock is from this process's own: ask reads the other clock.
// The shortest round trip bounds the error of its middle (Cristian 1989, "Probabilistic
// clock synchronization"). It fails if ask does.
func (c clock) estimate(ctx context.Context, ask func(context.Context) (time.Duration, error)) (ancmbench.Clock, error) {
	var best ancmbench.Clock
	began := c.now()
	for i := range clockTrips {
		if i >= clockLeast && c.now()-began > clockTime {
			break
		}
		sent := c.now()
		other, err := ask(ctx)
		if err != nil {
			return best, err
		}
		trip := c.now() - sent
		if i == 0 || ancmbench.Seconds(trip/2) < best.Uncertainty {
			best = ancmbench.Clock{Offset: ancmbench.Seconds(other - sent - trip/2), Uncertainty: ancmbench.Seconds(trip / 2)}
		}
	}
	return best, nil
}
