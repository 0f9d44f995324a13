package app

import "time"

// burnClock computes until d has passed on the clock.
func burnClock(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
		spin()
	}
}

// spin computes for about a microsecond; its result is of no interest, but the
// compiler cannot know that.
//
//go:noinline
func spin() uint32 {
	x := uint32(2463534242)
	for range 400 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}
