package app

import "time"

// seed starts spin; any number but 0 will do.
const seed = 2463534242

// burnClock computes until d has passed on the clock.
func burnClock(d time.Duration) {
	start := time.Now()
	for x := uint32(seed); x != 0 && time.Since(start) < d; x = spin(x) {
	}
}

// spin computes for about a microsecond. It never gives 0, but the compiler does
// not know that and must compute it.
func spin(x uint32) uint32 {
	for range 400 { // xorshift32, Marsaglia 2003
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}
