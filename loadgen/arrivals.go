package loadgen

import (
	"math"
	"slices"
	"sort"
	"time"

	"ancmbench"
)

// A schedule is computed in two steps. In operational time u, requests fall due at unit
// rate: evenly at u = n + 1/2, or as a unit-rate Poisson process. The inverse of the
// cumulative rate L(t), the number expected by t, then maps u to seconds. So ramps and
// steps are exact, and random ones are true non-homogeneous Poisson processes (Cinlar
// 1975, "Introduction to stochastic processes").

// law is a cumulative rate function over virtual time.
type law struct {
	kind   ancmbench.ArrivalKind
	rate   float64 // per second at t = 0
	slope  float64 // per second per second, Ramp
	steps  []rung  // Steps
	replay []time.Duration
}

// rung is one step: from at on, with count requests expected before it.
type rung struct{ at, count, rate float64 }

// newLaw returns the law of a, with every rate multiplied by times: the one stream of a
// duel serves all targets.
func newLaw(a ancmbench.Arrivals, length time.Duration, times float64) law {
	l := law{kind: a.Kind, rate: a.Rate * times}
	switch a.Kind {
	case ancmbench.Ramp:
		l.slope = (a.RampTo - a.Rate) * times / length.Seconds()
	case ancmbench.Steps:
		at, count := 0.0, 0.0
		for _, s := range a.Steps {
			l.steps = append(l.steps, rung{at, count, s.Rate * times})
			at += s.Duration.Float()
			count += s.Rate * times * s.Duration.Float()
		}
	case ancmbench.Replay:
		for _, t := range a.Instants {
			l.replay = append(l.replay, t.D())
		}
	}
	return l
}

// count returns how many requests are expected before t seconds.
func (l *law) count(t float64) float64 {
	switch l.kind {
	case ancmbench.Ramp:
		return t * (l.rate + l.slope*t/2)
	case ancmbench.Steps:
		i := max(0, sort.Search(len(l.steps), func(i int) bool { return l.steps[i].at > t })-1)
		s := l.steps[i]
		return s.count + (t-s.at)*s.rate
	case ancmbench.Replay:
		n, _ := slices.BinarySearch(l.replay, time.Duration(math.Ceil(t*1e9)))
		return float64(n)
	default:
		return t * l.rate
	}
}

// at returns the inverse of count, in seconds; +Inf if the rate drops to zero before u.
func (l *law) at(u float64) float64 {
	switch l.kind {
	case ancmbench.Ramp:
		under := l.rate*l.rate + 2*l.slope*u
		if under < 0 {
			return math.Inf(1)
		}
		// The textbook root cancels for small slopes; this form does not.
		return 2 * u / (l.rate + math.Sqrt(under))
	case ancmbench.Steps:
		i := max(0, sort.Search(len(l.steps), func(i int) bool { return l.steps[i].count > u })-1)
		s := l.steps[i]
		return s.at + (u-s.count)/s.rate
	case ancmbench.Replay:
		if i := int(u); i < len(l.replay) {
			return l.replay[i].Seconds()
		}
		return math.Inf(1)
	default:
		return u / l.rate
	}
}

// instant returns at(u) in whole nanoseconds.
func (l *law) instant(u float64) time.Duration {
	s := l.at(u)
	if !(s < math.MaxInt64/1e9) {
		return math.MaxInt64
	}
	return time.Duration(math.Round(s * 1e9))
}

// The unit-rate Poisson process is made of blocks of blockUnits, each with a
// Poisson number of arrivals, spread uniformly. blockMost caps the number: the
// chance of more is below 1e-70.
const (
	blockUnits = 64
	blockMost  = 255
	// Prefix sums of the counts are kept for each checkEvery-th block, so that
	// arrivals are numbered without gaps: 8 bytes per 8192 requests.
	checkEvery = 128
)

// stream numbers the arrivals of a law within [0, length).
type stream struct {
	law    law
	random bool
	seed   uint64
	length time.Duration
	cdf    []float64 // of the Poisson law of a block's count
	checks []uint64  // arrivals before block i*checkEvery
	total  uint64    // arrivals due within length
}

func newStream(a ancmbench.Arrivals, length time.Duration, times int) *stream {
	s := &stream{law: newLaw(a, length, float64(times)), seed: a.Seed, length: length,
		random: a.Kind == ancmbench.Poisson || a.Random && (a.Kind == ancmbench.Ramp || a.Kind == ancmbench.Steps)}
	if s.random {
		s.cdf = poissonCDF(blockUnits, blockMost)
		blocks := uint64(s.law.count(length.Seconds())/blockUnits) + 2
		var sum uint64
		for b := range blocks {
			if b%checkEvery == 0 {
				s.checks = append(s.checks, sum)
			}
			sum += uint64(s.blockCount(b))
		}
	}
	s.total = s.before(length)
	return s
}

// poissonCDF tabulates P(X <= k) for k = 0..most-1; the last entry is 1.
func poissonCDF(mean float64, most int) []float64 {
	cdf := make([]float64, most+1)
	p, sum := math.Exp(-mean), 0.0
	for k := range cdf {
		sum += p
		cdf[k] = sum
		p *= mean / float64(k+1)
	}
	cdf[most] = 1
	return cdf
}

func (s *stream) blockCount(b uint64) int {
	d := drawsFor(s.seed, forCount, b)
	u := d.unit()
	return sort.Search(blockMost, func(k int) bool { return s.cdf[k] > u })
}

// block fills into with the arrivals of block b, ascending, in operational time, and
// returns their number.
func (s *stream) block(b uint64, into *[blockMost]float64) int {
	n := s.blockCount(b)
	d := drawsFor(s.seed, forInstant, b)
	for i := range n {
		into[i] = (float64(b) + d.unit()) * blockUnits
	}
	slices.Sort(into[:n])
	return n
}

// blockFirst returns the number of the first arrival of block b.
func (s *stream) blockFirst(b uint64) uint64 {
	c := min(b/checkEvery, uint64(len(s.checks)-1))
	n := s.checks[c]
	for i := c * checkEvery; i < b; i++ {
		n += uint64(s.blockCount(i))
	}
	return n
}

// between calls yield with the number and the instant of every arrival in [from, to),
// ascending. The rounded instant decides whether an arrival is in the interval, so that
// each arrival lies in exactly one piece, however the stream is cut.
func (s *stream) between(from, to time.Duration, yield func(n uint64, at time.Duration)) {
	// The search begins at u, a little early because of rounding.
	u := s.law.count(max(0, from.Seconds()-2e-9))
	u = max(0, u-1e-9*u-1)
	if !s.random {
		shift := 0.5 // evenly spaced arrivals lie in the middle of their unit
		for n := uint64(u); ; n++ {
			at := s.law.instant(float64(n) + shift)
			if at >= to {
				return
			}
			if at >= from {
				yield(n, at)
			}
		}
	}
	var us [blockMost]float64
	b := uint64(u / blockUnits)
	n := s.blockFirst(b)
	for {
		count := s.block(b, &us)
		for _, u := range us[:count] {
			at := s.law.instant(u)
			if at >= to {
				return
			}
			if at >= from {
				yield(n, at)
			}
			n++
		}
		// An empty block, or one wholly before to, is not the end of the stream.
		if b++; s.law.instant(float64(b)*blockUnits) >= to {
			return
		}
	}
}

// LengthFor returns the length of a load of constant or Poisson arrivals in which exactly
// n requests fall due.
func LengthFor(a ancmbench.Arrivals, n int64) time.Duration {
	length := time.Duration(math.Ceil(float64(n) / a.Rate * 1e9))
	if a.Kind != ancmbench.Poisson {
		return length
	}
	for length += time.Duration(4 * math.Sqrt(float64(n)) / a.Rate * 1e9); ; length *= 2 {
		s := newStream(a, length, 1)
		if s.total < uint64(n) {
			continue
		}
		last := time.Duration(0)
		s.between(0, length, func(i uint64, at time.Duration) {
			if i == uint64(n)-1 {
				last = at
			}
		})
		return last + time.Nanosecond
	}
}

// before returns how many arrivals are due before t.
func (s *stream) before(t time.Duration) uint64 {
	from := max(0, t-time.Nanosecond)
	// Look back until there is an arrival, or the beginning.
	for back := time.Millisecond; ; back *= 4 {
		var n uint64
		found := false
		s.between(from, t, func(i uint64, _ time.Duration) { n, found = i+1, true })
		if found || from == 0 {
			return n
		}
		from = max(0, t-back)
	}
}
