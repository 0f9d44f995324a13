package loadgen

import (
	"ancmbench"
)

// overRate is how far the number of requests may exceed rate x time on a server that we did
// not start.
const overRate = 1.01

// SeedWithin returns a seed, derived from the load's, with which no more requests fall due
// than the rate asks for, with 1 % on top; by chance about one Poisson stream in three has
// more. If it finds none it returns the last one tried. The load must be an open loop of
// constant or random arrivals, or a ramp or steps of them.
func SeedWithin(l ancmbench.Load) uint64 {
	seed := l.Arrivals.Seed
	if !l.Arrivals.Open() || l.Arrivals.Kind == ancmbench.Replay {
		return seed
	}
	times := 1
	if l.Dealing.Kind == ancmbench.Duel {
		times = len(l.Targets)
	}
	for attempt := range uint64(64) {
		s := newStream(l.Arrivals, l.Duration.D(), times)
		if float64(s.total) <= s.law.count(l.Duration.Float())*overRate {
			return l.Arrivals.Seed
		}
		l.Arrivals.Seed = mix(seed + (attempt+1)*golden)
	}
	return l.Arrivals.Seed
}
